/* A disk with faults, put in front of a program by LD_PRELOAD. The first byte of the file MASQUE_DISK says which fault it
   has for those files whose names hold ".db"; all else is left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SOUND = '-', READ_ONLY = 'r', SLOW = 's', FAILING = 'f' };

static int fault_of(int fd) {
  static int control = -1;
  char fault, link[64], name[4096];
  if (control < 0) {
    const char *path = getenv("MASQUE_DISK");
    if (!path || (control = open(path, O_RDONLY | O_CLOEXEC)) < 0) return SOUND;
  }
  if (pread(control, &fault, 1, 0) != 1 || fault == SOUND) return SOUND;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return SOUND;
  name[length] = 0;
  return strstr(name, ".db") ? fault : SOUND;
}

/* Unless the disk refuses: what the real function says. */
#define BEFORE(type, name, fd, ...)                                  \
  static type (*real)() = NULL;                                      \
  if (!real) real = (type (*)())dlsym(RTLD_NEXT, name);              \
  if (fault_of(fd) == READ_ONLY) return errno = EROFS, -1;           \
  return real(fd, __VA_ARGS__)

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { BEFORE(ssize_t, "pwrite", fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { BEFORE(ssize_t, "pwrite64", fd, bytes, count, at); }
ssize_t write(int fd, const void *bytes, size_t count) { BEFORE(ssize_t, "write", fd, bytes, count); }
int ftruncate(int fd, off_t length) { BEFORE(int, "ftruncate", fd, length); }
int ftruncate64(int fd, off64_t length) { BEFORE(int, "ftruncate64", fd, length); }

static int sync_by(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const struct timespec while_it_turns = {0, 200000000};
  switch (fault_of(fd)) {
    case FAILING:
      return errno = EIO, -1;
    case SLOW:
      nanosleep(&while_it_turns, NULL);
  }
  return real(fd);
}

int fsync(int fd) { return sync_by("fsync", fd); }
int fdatasync(int fd) { return sync_by("fdatasync", fd); }
