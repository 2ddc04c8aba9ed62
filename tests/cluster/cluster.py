"""Three nodes of dqlite on this machine: started, killed, stopped and asked which of them leads."""

import pathlib
import signal
import socket
import subprocess
import time

from dqlite_client import Failure, Session

ID_OF_FIRST = 11  # as in node.c
DATABASE = 'crm'
PATIENCE = 60     # seconds until a cluster without a leader is a failure


def free_addresses(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(('127.0.0.1', 0))
    addresses = ['127.0.0.1:%d' % each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return addresses


class Cluster:
    def __init__(self, program, folder, count=3):
        self.program, self.folder = program, pathlib.Path(folder)
        self.addresses = free_addresses(count)
        self.processes = [None] * count
        for index in range(count):
            self.start(index)

    def start(self, index):
        folder = self.folder / f'node{index + 1}'
        folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / f'node{index + 1}.log', 'a') as log:
            self.processes[index] = subprocess.Popen(
                [self.program, str(index + 1), str(folder), *self.addresses], stdout=log, stderr=log)

    def signal(self, index, number):
        self.processes[index].send_signal(number)

    def kill(self, index):
        self.signal(index, signal.SIGKILL)
        self.processes[index].wait()

    def stop_all(self):
        """End every node in good order; their exit codes."""
        for index in range(len(self.processes)):
            self.signal(index, signal.SIGTERM)
        return [process.wait(PATIENCE) for process in self.processes]

    def kill_all(self):
        for process in self.processes:
            if process is not None and process.poll() is None:
                process.kill()

    def leader_or_none(self, without=()):
        """The index of the leader that itself says that it is; None while there is none."""
        for index, address in enumerate(self.addresses):
            if index in without:
                continue
            try:
                session = Session(address, timeout=5)
            except (OSError, Failure):
                continue
            try:
                if session.leader() == address:
                    return index
            except (OSError, Failure):
                pass
            finally:
                session.close()
        return None

    def leader(self, without=()):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            index = self.leader_or_none(without)
            if index is not None:
                return index
            time.sleep(0.1)
        raise TimeoutError(f'no leader within {PATIENCE} seconds')

    def open(self, without=()):
        """A session with the leader, whoever that is by then."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return Session(self.addresses[self.leader(without)], DATABASE)
            except (OSError, Failure):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def transfer(self, index):
        """Make a node the leader, as soon as it has caught up."""
        until = time.monotonic() + PATIENCE
        while self.leader() != index:
            if time.monotonic() > until:
                raise TimeoutError(f'node {index + 1} does not become the leader')
            try:
                session = Session(self.addresses[self.leader()])
                session.transfer(ID_OF_FIRST + index)
                session.close()
            except (OSError, Failure):
                time.sleep(0.1)
