/*
 * A disk that forgets everything that was not synced, for one process.
 *
 * Loaded with LD_PRELOAD. Of files below FORGETFUL_FOLDER every change is remembered with what it replaced, until a sync
 * of the file that began afterwards; every file that is made, renamed or removed, until a sync of its folder. When the
 * power is cut, all of it is undone and the process ends: what is left is what a disk has to keep. Shared memory files
 * (-shm) do not survive a power cut and are removed.
 *
 * Commands are bytes read from the pipe FORGETFUL_PIPE: C cuts the power; T cuts it while the disk was writing, so that
 * about every second write that was not synced stays, in no order; F fills the disk (each write fails for want of space),
 * E empties it again. No write is half done when the power is cut: all calls but the syncs themselves take one lock.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS_MAX 65536

/* A file by its inode, with a descriptor of our own that stays open: closing one would drop the process's locks. */
struct file {
    dev_t device;
    ino_t inode;
    int fd;
    struct file *next;
};

/* What a descriptor of the process stands for: a file, or a folder whose sync matters. */
struct opened {
    struct file *file;
    char *folder;
};

enum kind { CONTENT, MADE, REMOVED, RENAMED, FOLDER_MADE };

/* Something that is not synced yet, with what it needs to be undone. */
struct change {
    enum kind kind;
    struct file *file;
    unsigned long number;
    off_t offset, size_before;
    /* What was there, and what is there when the power is cut, if that stays. */
    size_t length, length_stays;
    char *bytes, *stays;
    size_t written;
    char *folder, *path, *other, *kept;
    struct change *older, *newer;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct opened of_fd[FDS_MAX];
static struct file *files;
static struct change *newest;
static char watched[4096];
static int disk_is_full;
static unsigned kept_count;
static unsigned long last_number;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_ftruncate)(int, off_t);
static int (*real_fallocate)(int, off_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);
static int (*real_mkdir)(const char *, mode_t);

static void fail(const char *what) {
    fprintf(stderr, "forgetful: %s: %s\n", what, strerror(errno));
    abort();
}

static void *resolve(const char *name) {
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol) {
        fail(name);
    }
    return symbol;
}

/* Other libraries may call before our constructor has run. */
static void prepare(void) {
    if (real_mkdir) {
        return;
    }
    real_open = resolve("open64");
    real_close = resolve("close");
    real_pread = resolve("pread64");
    real_pwrite = resolve("pwrite64");
    real_write = resolve("write");
    real_writev = resolve("writev");
    real_ftruncate = resolve("ftruncate64");
    real_fallocate = resolve("posix_fallocate64");
    real_fsync = resolve("fsync");
    real_fdatasync = resolve("fdatasync");
    real_unlink = resolve("unlink");
    real_rename = resolve("rename");
    const char *folder = getenv("FORGETFUL_FOLDER");
    if (folder && strlen(folder) < sizeof watched) {
        strcpy(watched, folder);
    }
    real_mkdir = resolve("mkdir");
}

static int ends_in(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static int is_watched(const char *path) {
    size_t length = strlen(watched);
    if (length == 0 || strncmp(path, watched, length) != 0 || ends_in(path, "-shm")) {
        return 0;
    }
    return path[length] == '/' || path[length] == '\0';
}

static char *folder_of(const char *path) {
    char *folder = strdup(path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
    }
    return folder;
}

static struct change *remember(enum kind kind) {
    struct change *change = calloc(1, sizeof *change);
    if (!change) {
        fail("calloc");
    }
    change->kind = kind;
    change->number = ++last_number;
    change->older = newest;
    if (newest) {
        newest->newer = change;
    }
    newest = change;
    return change;
}

static struct change *remember_entry(enum kind kind, const char *path) {
    struct change *change = remember(kind);
    change->path = strdup(path);
    change->folder = folder_of(path);
    return change;
}

static void drop(struct change *change) {
    if (change->newer) {
        change->newer->older = change->older;
    } else {
        newest = change->older;
    }
    if (change->older) {
        change->older->newer = change->newer;
    }
    if (change->kept) {
        real_unlink(change->kept);
    }
    free(change->bytes);
    free(change->stays);
    free(change->folder);
    free(change->path);
    free(change->other);
    free(change->kept);
    free(change);
}

static off_t size_of(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        fail("fstat");
    }
    return status.st_size;
}

static char *read_all(int fd, off_t offset, size_t length) {
    char *bytes = length ? malloc(length) : NULL;
    for (size_t done = 0; done < length;) {
        ssize_t count = real_pread(fd, bytes + done, length - done, offset + done);
        if (count <= 0) {
            fail("pread");
        }
        done += count;
    }
    return bytes;
}

static void write_all(int fd, off_t offset, const char *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t count = real_pwrite(fd, bytes + done, length - done, offset + done);
        if (count <= 0) {
            fail("pwrite");
        }
        done += count;
    }
}

/* Keeps what stands at `offset`, up to `length` bytes, and the size. */
static void remember_content(struct file *file, off_t offset, off_t length) {
    off_t size = size_of(file->fd);
    off_t kept = offset >= size ? 0 : (size - offset < length ? size - offset : length);
    struct change *change = remember(CONTENT);
    change->file = file;
    change->offset = offset;
    change->size_before = size;
    change->written = length;
    change->length = kept;
    change->bytes = read_all(file->fd, offset, kept);
}

static void undo_content(struct change *change) {
    write_all(change->file->fd, change->offset, change->bytes, change->length);
    if (real_ftruncate(change->file->fd, change->size_before) != 0) {
        fail("ftruncate");
    }
}

static void undo(struct change *change) {
    switch (change->kind) {
    case CONTENT:
        undo_content(change);
        break;
    case MADE:
        real_unlink(change->path);
        break;
    case REMOVED:
        real_rename(change->kept, change->path);
        break;
    case RENAMED:
        real_rename(change->other, change->path);
        if (change->kept) {
            real_rename(change->kept, change->other);
        }
        break;
    case FOLDER_MADE:
        rmdir(change->path);
        break;
    }
}

static void remove_shared_memory(void) {
    DIR *folder = opendir(watched);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char path[8192];
        if (ends_in(entry->d_name, "-shm")) {
            snprintf(path, sizeof path, "%s/%s", watched, entry->d_name);
            real_unlink(path);
        }
    }
}

/* Chooses the writes that reached the disk, and keeps what they wrote. */
static void choose_what_stays(void) {
    for (struct change *change = newest; change; change = change->older) {
        off_t size = change->kind == CONTENT ? size_of(change->file->fd) : 0;
        if (change->written > 0 && change->offset + (off_t)change->written <= size && random() % 2) {
            change->length_stays = change->written;
            change->stays = read_all(change->file->fd, change->offset, change->written);
        }
    }
}

static void cut(int torn) {
    unsigned undone = 0;
    pthread_mutex_lock(&lock);
    struct change *oldest = newest;
    if (torn) {
        choose_what_stays();
    }
    for (struct change *change = newest; change; change = change->older) {
        undo(change);
        undone += !change->stays;
        oldest = change;
    }
    for (struct change *change = oldest; change; change = change->newer) {
        if (change->stays) {
            write_all(change->file->fd, change->offset, change->stays, change->length_stays);
        }
    }
    remove_shared_memory();
    dprintf(STDERR_FILENO, "forgetful: undone %u\n", undone);
    _exit(137);
}

static void *obey(void *pipe) {
    for (;;) {
        int fd = real_open(pipe, O_RDONLY | O_CLOEXEC);
        char command;
        if (fd < 0) {
            fail("the pipe");
        }
        while (read(fd, &command, 1) == 1) {
            if (command == 'C' || command == 'T') {
                cut(command == 'T');
            }
            pthread_mutex_lock(&lock);
            disk_is_full = command == 'F';
            pthread_mutex_unlock(&lock);
        }
        real_close(fd);
    }
    return NULL;
}

__attribute__((constructor)) static void begin(void) {
    prepare();
    char *pipe = getenv("FORGETFUL_PIPE");
    pthread_t thread;
    srandom(getpid());
    if (pipe && pthread_create(&thread, NULL, obey, pipe) != 0) {
        fail("pthread_create");
    }
}

static struct file *tracked(int fd) {
    return fd >= 0 && fd < FDS_MAX ? of_fd[fd].file : NULL;
}

static struct file *file_of(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return NULL;
    }
    for (struct file *file = files; file; file = file->next) {
        if (file->device == status.st_dev && file->inode == status.st_ino) {
            return file;
        }
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct file *file = calloc(1, sizeof *file);
    file->device = status.st_dev;
    file->inode = status.st_ino;
    file->fd = real_open(path, O_RDWR | O_CLOEXEC);
    if (file->fd < 0) {
        fail("opening a file again");
    }
    file->next = files;
    files = file;
    return file;
}

static int watched_open(const char *path, int flags, mode_t mode) {
    struct stat before;
    pthread_mutex_lock(&lock);
    int existed = lstat(path, &before) == 0;
    /* What a truncation loses has to be kept before it happens. */
    int fd = real_open(path, flags & ~O_TRUNC, mode);
    if (fd < 0 || fd >= FDS_MAX) {
        pthread_mutex_unlock(&lock);
        return fd;
    }
    struct stat status;
    of_fd[fd] = (struct opened){NULL, NULL};
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        of_fd[fd].folder = strdup(path);
    } else {
        of_fd[fd].file = file_of(fd);
        if (!existed) {
            remember_entry(MADE, path);
        }
        if ((flags & O_TRUNC) && of_fd[fd].file) {
            remember_content(of_fd[fd].file, 0, size_of(fd));
            real_ftruncate(of_fd[fd].file->fd, 0);
        }
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

static int any_open(const char *path, int flags, mode_t mode) {
    prepare();
    return is_watched(path) ? watched_open(path, flags, mode) : real_open(path, flags, mode);
}

#define MODE_OF(flags)                                                                                                 \
    mode_t mode = 0;                                                                                                   \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                             \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        mode = va_arg(arguments, mode_t);                                                                              \
        va_end(arguments);                                                                                             \
    }

int open(const char *path, int flags, ...) {
    MODE_OF(flags)
    return any_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE_OF(flags)
    return any_open(path, flags, mode);
}

int __open_2(const char *path, int flags) { return any_open(path, flags, 0); }

int __open64_2(const char *path, int flags) { return any_open(path, flags, 0); }

static int any_openat(int folder, const char *path, int flags, mode_t mode) {
    prepare();
    if (folder == AT_FDCWD || path[0] == '/') {
        return any_open(path, flags, mode);
    }
    int (*real_openat)(int, const char *, int, ...) = resolve("openat64");
    return real_openat(folder, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    MODE_OF(flags)
    return any_openat(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
    MODE_OF(flags)
    return any_openat(folder, path, flags, mode);
}

int close(int fd) {
    prepare();
    if (fd < 0 || fd >= FDS_MAX || (!of_fd[fd].file && !of_fd[fd].folder)) {
        return real_close(fd);
    }
    pthread_mutex_lock(&lock);
    free(of_fd[fd].folder);
    of_fd[fd] = (struct opened){NULL, NULL};
    int result = real_close(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

/* Whether the write may go on; takes the lock if so. */
static int begin_write(struct file *file, off_t offset, off_t length) {
    pthread_mutex_lock(&lock);
    if (disk_is_full) {
        pthread_mutex_unlock(&lock);
        errno = ENOSPC;
        return 0;
    }
    remember_content(file, offset, length);
    return 1;
}

static ssize_t any_pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    prepare();
    struct file *file = tracked(fd);
    if (!file) {
        return real_pwrite(fd, bytes, length, offset);
    }
    if (!begin_write(file, offset, length)) {
        return -1;
    }
    ssize_t result = real_pwrite(fd, bytes, length, offset);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return any_pwrite(fd, bytes, length, offset); }

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    return any_pwrite(fd, bytes, length, offset);
}

/* Where a write without an offset goes. */
static off_t position(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_APPEND) ? size_of(fd) : lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    prepare();
    struct file *file = tracked(fd);
    if (!file) {
        return real_write(fd, bytes, length);
    }
    if (!begin_write(file, position(fd), length)) {
        return -1;
    }
    ssize_t result = real_write(fd, bytes, length);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    prepare();
    struct file *file = tracked(fd);
    if (!file) {
        return real_writev(fd, parts, count);
    }
    off_t length = 0;
    for (int part = 0; part < count; part++) {
        length += parts[part].iov_len;
    }
    if (!begin_write(file, position(fd), length)) {
        return -1;
    }
    ssize_t result = real_writev(fd, parts, count);
    pthread_mutex_unlock(&lock);
    return result;
}

static int any_ftruncate(int fd, off_t size) {
    prepare();
    struct file *file = tracked(fd);
    if (!file) {
        return real_ftruncate(fd, size);
    }
    off_t before = size_of(file->fd);
    if (!begin_write(file, size, before > size ? before - size : 0)) {
        return -1;
    }
    int result = real_ftruncate(fd, size);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t size) { return any_ftruncate(fd, size); }

int ftruncate64(int fd, off64_t size) { return any_ftruncate(fd, size); }

static int any_fallocate(int fd, off_t offset, off_t length) {
    prepare();
    struct file *file = tracked(fd);
    if (!file) {
        return real_fallocate(fd, offset, length);
    }
    if (!begin_write(file, size_of(file->fd), 0)) {
        return ENOSPC;
    }
    int result = real_fallocate(fd, offset, length);
    pthread_mutex_unlock(&lock);
    return result;
}

int posix_fallocate(int fd, off_t offset, off_t length) { return any_fallocate(fd, offset, length); }

int posix_fallocate64(int fd, off64_t offset, off64_t length) { return any_fallocate(fd, offset, length); }

/* After the sync of a file the content stays that it had before, after that of a folder its entries do. */
static int sync_with(int (*real)(int), int fd) {
    if (fd < 0 || fd >= FDS_MAX || (!of_fd[fd].file && !of_fd[fd].folder)) {
        return real(fd);
    }
    pthread_mutex_lock(&lock);
    unsigned long before = last_number;
    pthread_mutex_unlock(&lock);
    int result = real(fd);
    pthread_mutex_lock(&lock);
    struct change *change = result == 0 ? newest : NULL;
    while (change) {
        struct change *older = change->older;
        if (change->number > before) {
            change = older;
            continue;
        }
        int content = change->kind == CONTENT && change->file == of_fd[fd].file;
        int entry = change->folder && of_fd[fd].folder && strcmp(change->folder, of_fd[fd].folder) == 0;
        if (content || entry) {
            drop(change);
        }
        change = older;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd) {
    prepare();
    return sync_with(real_fsync, fd);
}

int fdatasync(int fd) {
    prepare();
    return sync_with(real_fdatasync, fd);
}

/* A second name for a file that is about to lose its own; none if there is no such file. */
static char *keep(const char *path) {
    char *kept = malloc(strlen(path) + 32);
    sprintf(kept, "%s.forgetful-%u", path, kept_count++);
    if (link(path, kept) == 0) {
        return kept;
    }
    free(kept);
    return NULL;
}

int unlink(const char *path) {
    prepare();
    if (!is_watched(path)) {
        return real_unlink(path);
    }
    pthread_mutex_lock(&lock);
    char *kept = keep(path);
    int result = real_unlink(path);
    if (result == 0 && kept) {
        remember_entry(REMOVED, path)->kept = kept;
    } else if (kept) {
        real_unlink(kept);
        free(kept);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) {
    prepare();
    if (!is_watched(from) || !is_watched(to)) {
        return real_rename(from, to);
    }
    pthread_mutex_lock(&lock);
    char *kept = keep(to);
    int result = real_rename(from, to);
    if (result == 0) {
        struct change *change = remember_entry(RENAMED, from);
        change->other = strdup(to);
        change->kept = kept;
    } else if (kept) {
        real_unlink(kept);
        free(kept);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int mkdir(const char *path, mode_t mode) {
    prepare();
    if (!is_watched(path)) {
        return real_mkdir(path, mode);
    }
    pthread_mutex_lock(&lock);
    int result = real_mkdir(path, mode);
    if (result == 0) {
        remember_entry(FOLDER_MADE, path);
    }
    pthread_mutex_unlock(&lock);
    return result;
}
