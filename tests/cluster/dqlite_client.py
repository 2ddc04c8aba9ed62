"""A client of dqlite's wire protocol (version 1), as far as the tests of the cluster need it.

    https://canonical.com/dqlite/docs/reference/wire-protocol

A message is a header (words of 8 bytes in the body, type, schema) and a body of fields that each fill whole words. SQL goes as text
without parameters. What a column declares as a date comes as text and what it declares as a boolean as a number, as in SQLite.
"""

import socket
import struct

PROTOCOL_VERSION = 1
WORD = 8
ASK_LEADER, REGISTER, OPEN, EXECUTE, QUERY, TRANSFER = 0, 1, 3, 8, 9, 17
FAILURE, ROWS = 0, 7
FLOAT, TEXT, BLOB, NULL, ISO_TIME = 2, 3, 4, 5, 10
LAST_ROWS, MORE_ROWS = b'\xff' * WORD, b'\xee' * WORD


class Failure(Exception):
    """What a node answers in place of a result: a code of SQLite and a message."""

    def __init__(self, code, message):
        super().__init__(f'{message} ({code})')
        self.code = code


def padded(data):
    return data + bytes(-len(data) % WORD)


def text_field(text):
    return padded(text.encode() + b'\0')


class Reader:
    """Takes fields off the front of a body."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def bytes(self, count):
        self.at += count
        return self.body[self.at - count:self.at]

    def word(self, form='<Q'):
        return struct.unpack(form, self.bytes(WORD))[0]

    def text(self):
        end = self.body.index(b'\0', self.at)
        found = self.body[self.at:end]
        self.at = end + WORD - (end - self.at) % WORD
        return found.decode()

    def value(self, kind):
        if kind in (TEXT, ISO_TIME):
            return self.text()
        if kind == FLOAT:
            return self.word('<d')
        if kind == BLOB:
            length = self.word()
            found = self.bytes(length)
            self.bytes(-length % WORD)
            return found
        number = self.word('<q')
        return None if kind == NULL else number

    def row(self, count):
        """The values of a row, or None at the end of the body, where it says whether more rows follow."""
        half_bytes = (count + 1) // 2  # a type takes four bits
        packed = self.bytes(half_bytes + -half_bytes % WORD)
        if packed[:WORD] in (LAST_ROWS, MORE_ROWS):
            return None
        return [self.value(packed[index // 2] >> 4 * (index % 2) & 15) for index in range(count)]


class Session:
    """A connection to one node; with a database, one whose questions and changes only the leader takes."""

    def __init__(self, address, database=None, timeout=60):
        host, port = address.rsplit(':', 1)
        self.address = address
        self.socket = socket.create_connection((host, int(port)), timeout)
        self.socket.sendall(struct.pack('<Q', PROTOCOL_VERSION))
        self.call(REGISTER, struct.pack('<Q', 0))
        if database is not None:
            self.database = self.call(OPEN, text_field(database) + bytes(WORD) + text_field(''))[1].word() & 0xffffffff

    def receive_bytes(self, count):
        found = bytearray()
        while len(found) < count:
            more = self.socket.recv(count - len(found))
            if not more:
                raise ConnectionError(f'{self.address} closed the connection')
            found += more
        return bytes(found)

    def send(self, kind, body):
        self.socket.sendall(struct.pack('<IBBH', len(body) // WORD, kind, 0, 0) + body)

    def receive(self):
        words, kind = struct.unpack('<IB', self.receive_bytes(WORD)[:5])
        reader = Reader(self.receive_bytes(words * WORD))
        if kind == FAILURE:
            raise Failure(reader.word(), reader.text())
        return kind, reader

    def call(self, kind, body):
        self.send(kind, body)
        return self.receive()

    def leader(self):
        """The address of the leader as this node knows it; '' where it knows of none."""
        reader = self.call(ASK_LEADER, bytes(WORD))[1]
        reader.word()
        return reader.text()

    def transfer(self, node_id):
        """Hand the leadership over to another node."""
        self.call(TRANSFER, struct.pack('<Q', node_id))

    def statement(self, sql):
        return struct.pack('<Q', self.database) + text_field(sql) + bytes(WORD)

    def execute(self, sql):
        """Run statements; the number of rows that the last one changed."""
        reader = self.call(EXECUTE, self.statement(sql))[1]
        reader.word()
        return reader.word()

    def rows(self, sql):
        """The rows of a query, as they come."""
        self.send(QUERY, self.statement(sql))
        return self.receive_rows()

    def receive_rows(self):
        """The rows of a query that was sent."""
        more = True
        while more:
            reader = self.receive()[1]
            count = reader.word()
            for _ in range(count):
                reader.text()
            row = reader.row(count)
            while row is not None:
                yield row
                row = reader.row(count)
            more = reader.body[-WORD:] != LAST_ROWS

    def query(self, sql):
        return list(self.rows(sql))

    def close(self):
        self.socket.close()
