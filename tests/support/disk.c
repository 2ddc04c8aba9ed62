/*
** A disk in memory that loses power. See disk.h.
*/
#include "disk.h"

#include "text.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FILES = 8, SECTOR_BYTES = 512, NAME_BYTES = 64 };

const char disk_name[] = "disk";

/* What a file holds; a file that does not exist holds nothing. */
typedef struct content {
  bool exists;
  unsigned char *bytes;
  size_t size, capacity;
} content;

typedef enum { WRITTEN, TRUNCATED, SYNCED, DELETED } operation_kind;

typedef struct operation {
  operation_kind kind;
  size_t file;
  size_t offset, size; /* of WRITTEN; size alone of TRUNCATED */
  unsigned char *bytes;
} operation;

/* A named file: as the system shows it, and as it is on the disk behind the operations before `reached`. */
typedef struct named_file {
  char name[NAME_BYTES];
  content now, durable;
  size_t *pending; /* operations that are not synced */
  size_t pending_count, pending_capacity;
} named_file;

static struct {
  named_file files[MOST_FILES];
  size_t file_count;
  bool remembers;
  operation *log;
  size_t count, capacity;
  size_t reached;
  uint64_t random;
} disk;

/* ---------------------------------------------------------------------------------------------- contents */

static void content_reserve(content *target, size_t size) {
  if (size <= target->capacity) return;
  target->capacity = size + size / 2;
  target->bytes = resize(target->bytes, target->capacity, 1);
}

static void content_truncate(content *target, size_t size) {
  content_reserve(target, size);
  if (size > target->size) memset(target->bytes + target->size, 0, size - target->size);
  target->size = size;
}

static void content_write(content *target, size_t offset, const unsigned char *bytes, size_t size) {
  target->exists = true;
  if (target->size < offset + size) content_truncate(target, offset + size);
  memcpy(target->bytes + offset, bytes, size);
}

static void content_delete(content *target) {
  target->exists = false;
  target->size = 0;
}

static void content_copy(content *target, const content *source) {
  target->exists = source->exists;
  target->size = 0;
  content_truncate(target, source->size);
  if (source->size > 0) memcpy(target->bytes, source->bytes, source->size);
}

static void content_free(content *target) {
  free(target->bytes);
  *target = (content){0};
}

static void content_apply(content *target, const operation *done) {
  switch (done->kind) {
  case WRITTEN: content_write(target, done->offset, done->bytes, done->size); break;
  case TRUNCATED: content_truncate(target, done->size); break;
  case DELETED: content_delete(target); break;
  default: break;
  }
}

/* ----------------------------------------------------------------------------------------------- the log */

static operation *remember(operation_kind kind, size_t file) {
  if (!disk.remembers) return NULL;
  if (disk.count == disk.capacity) {
    disk.capacity = disk.capacity * 2 + 64;
    disk.log = resize(disk.log, disk.capacity, sizeof *disk.log);
  }
  disk.log[disk.count] = (operation){.kind = kind, .file = file};
  return &disk.log[disk.count++];
}

static void remember_write(size_t file, const void *bytes, size_t size, size_t offset) {
  operation *done = remember(WRITTEN, file);
  if (done == NULL) return;
  done->offset = offset;
  done->size = size;
  done->bytes = (unsigned char *)copy_bytes(bytes, size);
}

static void forget_log(void) {
  for (size_t at = 0; at < disk.count; at++) free(disk.log[at].bytes);
  disk.count = disk.reached = 0;
  for (size_t file = 0; file < disk.file_count; file++) disk.files[file].pending_count = 0;
}

void disk_clear(void) {
  forget_log();
  for (size_t file = 0; file < disk.file_count; file++) {
    content_free(&disk.files[file].now);
    content_free(&disk.files[file].durable);
    free(disk.files[file].pending);
    disk.files[file] = (named_file){.pending = NULL};
  }
  disk.file_count = 0;
  disk.remembers = false;
}

void disk_remember(void) {
  forget_log();
  for (size_t file = 0; file < disk.file_count; file++)
    content_copy(&disk.files[file].durable, &disk.files[file].now);
  disk.remembers = true;
}

size_t disk_remembered(void) {
  disk.remembers = false;
  return disk.count;
}

/* -------------------------------------------------------------------------------------------- power loss */

static uint64_t draw(uint64_t below) {
  disk.random = disk.random * 6364136223846793005u + 1442695040888963407u;
  return (disk.random >> 33) % below;
}

/* An operation reaches the disk: of a sync, all that is pending for its file. */
static void reach(size_t at) {
  const operation *done = &disk.log[at];
  named_file *file = &disk.files[done->file];
  if (done->kind == SYNCED) {
    for (size_t pending = 0; pending < file->pending_count; pending++)
      content_apply(&file->durable, &disk.log[file->pending[pending]]);
    file->pending_count = 0;
    return;
  }
  if (file->pending_count == file->pending_capacity) {
    file->pending_capacity = file->pending_capacity * 2 + 16;
    file->pending = resize(file->pending, file->pending_capacity, sizeof *file->pending);
  }
  file->pending[file->pending_count++] = at;
}

/* Writes each sector of a write, or leaves it as it was, or puts other bytes there. */
static void tear(content *target, const operation *done) {
  unsigned char other[SECTOR_BYTES];
  for (size_t at = 0; at < done->size;) {
    size_t left_of_sector = SECTOR_BYTES - (done->offset + at) % SECTOR_BYTES;
    size_t size = left_of_sector < done->size - at ? left_of_sector : done->size - at;
    uint64_t fate = draw(4);
    for (size_t byte = 0; byte < size; byte++) other[byte] = (unsigned char)draw(256);
    if (fate < 2) content_write(target, done->offset + at, done->bytes + at, size);
    if (fate == 2) content_write(target, done->offset + at, other, size);
    at += size;
  }
}

static void apply_pending(named_file *file, uint64_t seed) {
  for (size_t pending = 0; pending < file->pending_count; pending++) {
    const operation *done = &disk.log[file->pending[pending]];
    uint64_t fate = seed == 0 ? 0 : draw(3);
    if (fate == 0) content_apply(&file->now, done);
    if (fate == 1 && done->kind == WRITTEN) tear(&file->now, done);
  }
}

void disk_crash(size_t operations, uint64_t seed) {
  disk.random = seed * 2654435761u + operations;
  for (; disk.reached < operations; disk.reached++) reach(disk.reached);
  for (size_t file = 0; file < disk.file_count; file++) {
    content_copy(&disk.files[file].now, &disk.files[file].durable);
    if (seed != 1) apply_pending(&disk.files[file], seed);
  }
}

/* ------------------------------------------------------------------------------ a file system of SQLite's */

/* An open file; one without a name is its own and is never remembered. */
typedef struct open_file {
  sqlite3_file base;
  bool has_name;
  size_t file;
  content own;
} open_file;

static content *content_of(sqlite3_file *file) {
  open_file *opened = (open_file *)file;
  return opened->has_name ? &disk.files[opened->file].now : &opened->own;
}

/* The number of a file, which is new if need be. */
static size_t number_of(const char *name) {
  size_t file = 0;
  while (file < disk.file_count && strcmp(disk.files[file].name, name) != 0) file++;
  if (file == MOST_FILES || strlen(name) >= NAME_BYTES) fatal("disk: %s is one file too many", name);
  if (file == disk.file_count) {
    disk.file_count++;
    memcpy(disk.files[file].name, name, strlen(name) + 1);
  }
  return file;
}

static int file_close(sqlite3_file *file) {
  content_free(&((open_file *)file)->own);
  return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *target, int bytes, sqlite3_int64 offset) {
  const content *from = content_of(file);
  size_t begin = (size_t)offset, wanted = (size_t)bytes;
  size_t there = begin < from->size ? from->size - begin : 0;
  if (there > wanted) there = wanted;
  memset(target, 0, wanted);
  if (there > 0) memcpy(target, from->bytes + begin, there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *source, int bytes, sqlite3_int64 offset) {
  const open_file *opened = (const open_file *)file;
  content_write(content_of(file), (size_t)offset, source, (size_t)bytes);
  if (opened->has_name) remember_write(opened->file, source, (size_t)bytes, (size_t)offset);
  return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 bytes) {
  const open_file *opened = (const open_file *)file;
  operation *done = opened->has_name ? remember(TRUNCATED, opened->file) : NULL;
  if (done != NULL) done->size = (size_t)bytes;
  content_truncate(content_of(file), (size_t)bytes);
  return SQLITE_OK;
}

static int file_sync(sqlite3_file *file, int flags) {
  const open_file *opened = (const open_file *)file;
  (void)flags;
  if (opened->has_name) remember(SYNCED, opened->file);
  return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *bytes) {
  *bytes = (sqlite3_int64)content_of(file)->size;
  return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level) {
  (void)file;
  (void)level;
  return SQLITE_OK;
}

static int file_check_lock(sqlite3_file *file, int *locked) {
  (void)file;
  *locked = 0;
  return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int wish, void *argument) {
  (void)file;
  (void)wish;
  (void)argument;
  return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file) {
  (void)file;
  return SECTOR_BYTES;
}

/* Promises nothing of what disks may promise. */
static int file_characteristics(sqlite3_file *file) {
  (void)file;
  return 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
  open_file *opened = (open_file *)file;
  (void)vfs;
  *opened = (open_file){.has_name = name != NULL};
  if (name != NULL) {
    opened->file = number_of(name);
    content *there = &disk.files[opened->file].now;
    if (!there->exists && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    if (!there->exists) {
      there->exists = true;
      remember_write(opened->file, "", 0, 0);
    }
  }
  opened->base.pMethods = &methods;
  if (out_flags != NULL) *out_flags = flags;
  return SQLITE_OK;
}

/* With sync_folder the file is gone for good at once. */
static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
  size_t file = number_of(name);
  (void)vfs;
  if (!disk.files[file].now.exists) return SQLITE_IOERR_DELETE_NOENT;
  content_delete(&disk.files[file].now);
  remember(DELETED, file);
  if (sync_folder) remember(SYNCED, file);
  return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *there) {
  (void)vfs;
  (void)flags;
  *there = disk.files[number_of(name)].now.exists;
  return SQLITE_OK;
}

static int disk_full_name(sqlite3_vfs *vfs, const char *name, int bytes, char *full) {
  (void)vfs;
  sqlite3_snprintf(bytes, full, "%s", name);
  return SQLITE_OK;
}

/* The default file system goes on to give time and chance. */
void disk_begin(void) {
  static sqlite3_vfs vfs;
  const sqlite3_vfs *real = sqlite3_vfs_find(NULL);
  if (real == NULL) fatal("disk: no file system to take the clock from");
  vfs = *real;
  vfs.zName = disk_name;
  vfs.szOsFile = (int)sizeof(open_file);
  vfs.xOpen = disk_open;
  vfs.xDelete = disk_delete;
  vfs.xAccess = disk_access;
  vfs.xFullPathname = disk_full_name;
  vfs.pNext = NULL;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) fatal("disk: the file system cannot be registered");
}
