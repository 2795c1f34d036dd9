#define _GNU_SOURCE
#include "CGuest.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>

#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

int guest_errno(void) { return errno; }

int guest_open(const char *path, int flags) { return open(path, flags); }

int guest_create(const char *path, unsigned mode) {
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
}

static char **arguments;
static int argument_count;

// The C library calls constructors with main's arguments.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}

char **guest_arguments(void) { return arguments; }

int guest_argument_count(void) { return argument_count; }

int guest_path_only(void) { return O_PATH; }

static int close_keeping_errno(int descriptor, int result) {
    int saved = errno;
    close(descriptor);
    errno = saved;
    return result;
}

int guest_load_module(int file) {
    long result = syscall(SYS_finit_module, file, "", 0);
    return result == 0 || errno == EEXIST ? 0 : -1;
}

bool guest_holds(const void *bytes, size_t count, const void *others, size_t other_count) {
    return memmem(bytes, count, others, other_count) != NULL;
}

bool guest_matches(const char *pattern, const char *name) { return fnmatch(pattern, name, 0) == 0; }

int guest_name_device(const char *name) {
    char path[PATH_MAX], other[PATH_MAX];
    struct stat status;
    snprintf(path, sizeof path, "/dev/%s", name);
    if (lstat(path, &status) != 0) return -1;
    if (!S_ISCHR(status.st_mode)) return 0;
    if (mkdir("/dev/char", 0755) != 0 && errno != EEXIST) return -1;
    snprintf(path, sizeof path, "/dev/char/%u:%u", major(status.st_rdev), minor(status.st_rdev));
    snprintf(other, sizeof other, "../%s", name);
    return symlink(other, path) != 0 && errno != EEXIST ? -1 : 0;
}

// The kernel writes the number without a newline.
static int has_serial(const char *disk, const char *serial) {
    char path[PATH_MAX], found[64];
    snprintf(path, sizeof path, "/sys/block/%s/serial", disk);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, found, sizeof found - 1);
    close(file);
    if (count < 0) return 0;
    found[count] = 0;
    found[strcspn(found, "\n")] = 0;
    return strcmp(found, serial) == 0;
}

int guest_find_disk(const char *serial, char *name, size_t size) {
    DIR *disks = opendir("/sys/block");
    if (disks == NULL) return -1;
    int found = -1;
    struct dirent *entry;
    while (found != 0 && (entry = readdir(disks)) != NULL) {
        if (entry->d_name[0] == '.' || strlen(entry->d_name) >= size) continue;
        if (!has_serial(entry->d_name, serial)) continue;
        strcpy(name, entry->d_name);
        found = 0;
    }
    closedir(disks);
    if (found != 0) errno = ENODEV;
    return found;
}

int guest_find_ethernet(char name[16]) {
    DIR *interfaces = opendir("/sys/class/net");
    if (interfaces == NULL) return -1;
    int found = -1;
    struct dirent *entry;
    while (found != 0 && (entry = readdir(interfaces)) != NULL) {
        if (entry->d_name[0] == '.' || strlen(entry->d_name) >= 16) continue;
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/sys/class/net/%s/type", entry->d_name);
        FILE *file = fopen(path, "re");
        if (file == NULL) continue;
        int type = -1;
        if (fscanf(file, "%d", &type) == 1 && type == ARPHRD_ETHER) {
            strcpy(name, entry->d_name);
            found = 0;
        }
        fclose(file);
    }
    closedir(interfaces);
    if (found != 0) errno = ENODEV;
    return found;
}

static int control_socket(void) { return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }

static int set_name(struct ifreq *request, const char *name) {
    memset(request, 0, sizeof *request);
    if (strlen(name) >= sizeof request->ifr_name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(request->ifr_name, name);
    return 0;
}

int guest_rename_interface(const char *from, const char *to) {
    struct ifreq request;
    if (set_name(&request, from) != 0) return -1;
    if (strlen(to) >= sizeof request.ifr_newname) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(request.ifr_newname, to);
    int control = control_socket();
    if (control < 0) return -1;
    return close_keeping_errno(control, ioctl(control, SIOCSIFNAME, &request));
}

static int set_address(int control, unsigned long what, const char *name, struct in_addr address) {
    struct ifreq request;
    if (set_name(&request, name) != 0) return -1;
    struct sockaddr_in *target = (struct sockaddr_in *)&request.ifr_addr;
    target->sin_family = AF_INET;
    target->sin_addr = address;
    return ioctl(control, what, &request);
}

int guest_configure_interface(const char *name, const char *address, int prefix_length) {
    int control = control_socket();
    if (control < 0) return -1;
    int result = 0;
    if (address != NULL) {
        struct in_addr parsed, mask = {.s_addr = prefix_length == 0 ? 0 : htonl(~0U << (32 - prefix_length))};
        if (inet_pton(AF_INET, address, &parsed) != 1) {
            errno = EINVAL;
            return close_keeping_errno(control, -1);
        }
        result = set_address(control, SIOCSIFADDR, name, parsed);
        if (result == 0) result = set_address(control, SIOCSIFNETMASK, name, mask);
    }
    if (result == 0) {
        struct ifreq request;
        result = set_name(&request, name);
        if (result == 0) result = ioctl(control, SIOCGIFFLAGS, &request);
        if (result == 0) {
            request.ifr_flags |= IFF_UP | IFF_RUNNING;
            result = ioctl(control, SIOCSIFFLAGS, &request);
        }
    }
    return close_keeping_errno(control, result);
}

int guest_set_default_route(const char *gateway) {
    struct rtentry route;
    memset(&route, 0, sizeof route);
    struct sockaddr_in *target = (struct sockaddr_in *)&route.rt_gateway;
    target->sin_family = AF_INET;
    if (inet_pton(AF_INET, gateway, &target->sin_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    route.rt_dst.sa_family = AF_INET;
    route.rt_genmask.sa_family = AF_INET;
    route.rt_flags = RTF_UP | RTF_GATEWAY;
    int control = control_socket();
    if (control < 0) return -1;
    return close_keeping_errno(control, ioctl(control, SIOCADDRT, &route));
}

// Empties a directory of the initramfs without leaving its file system: mounts are not entered.
static void remove_content(int directory, dev_t device) {
    DIR *entries = fdopendir(directory);
    if (entries == NULL) {
        close(directory);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(entries)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        struct stat status;
        if (fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (status.st_dev != device) continue;
        if (S_ISDIR(status.st_mode)) {
            int child = openat(dirfd(entries), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (child >= 0) remove_content(child, device);
            unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR);
        } else {
            unlinkat(dirfd(entries), entry->d_name, 0);
        }
    }
    closedir(entries);
}

int guest_switch_root(const char *directory) {
    struct stat old;
    int old_root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (old_root < 0 || fstat(old_root, &old) != 0) return -1;
    if (chdir(directory) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
        return close_keeping_errno(old_root, -1);
    remove_content(old_root, old.st_dev);
    return 0;
}

void guest_power_off(void) {
    sync();
    reboot(RB_POWER_OFF);
}

void guest_execute(const char *path, char *const *arguments) { execv(path, arguments); }
