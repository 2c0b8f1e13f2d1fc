#pragma once
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/// `struct ucred` of unix(7), which <sys/socket.h> declares for GNU sources only.
struct cccd_peer_credentials {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/// SO_PEERGROUPS of unix(7), which Swift cannot import under its own name.
static const int CCCD_SO_PEERGROUPS = SO_PEERGROUPS;

// Swift cannot call C functions with variable arguments; these stand in for the ones of libmicrohttpd.

/// Binds to a port of 127.0.0.1; 0 takes any that is free.
static inline int cccd_bind_loopback(int descriptor, unsigned short port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(descriptor, (const struct sockaddr *)&address, sizeof address);
}

static inline int cccd_connect_loopback(int descriptor, unsigned short port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(descriptor, (const struct sockaddr *)&address, sizeof address);
}

/// The port that a socket is bound to; 0 when there is none.
static inline unsigned short cccd_bound_port(int descriptor) {
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0 || address.sin_family != AF_INET) return 0;
    return ntohs(address.sin_port);
}

static inline int cccd_make_nonblocking(int descriptor) {
    return fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

static inline int cccd_close_on_exec(int descriptor) { return fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

static inline int cccd_open(const char *path, int flags, unsigned int mode) { return open(path, flags, mode); }

struct cccd_http_settings {
    void *context;  // given to every callback
    MHD_AccessHandlerCallback request;
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
    size_t memory_per_connection;
    unsigned int connection_limit;
    unsigned int silence_limit;  // seconds
};

/// One thread that serves the connections that `cccd_http_accept` gives it.
static inline struct MHD_Daemon *cccd_http_start(const struct cccd_http_settings *settings) {
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, settings->request, settings->context,
        MHD_OPTION_URI_LOG_CALLBACK, settings->request_line, settings->context,
        MHD_OPTION_NOTIFY_COMPLETED, settings->completed, settings->context,
        MHD_OPTION_NOTIFY_CONNECTION, settings->connection, settings->context,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->memory_per_connection,
        MHD_OPTION_CONNECTION_LIMIT, settings->connection_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, settings->silence_limit,
        MHD_OPTION_END);
}

static const int CCCD_IPPROTO_TCP = IPPROTO_TCP;

/// setsockopt(2) without the C library's function of that name.
static inline int cccd_setsockopt(int descriptor, int level, int name, const void *value, socklen_t size) {
    return (int)syscall(SYS_setsockopt, descriptor, level, name, value, size);
}

/// accept4(2), which <sys/socket.h> declares for GNU sources only.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *size, int flags);

/// Accepts a connection and hands it to the library, which closes it. Returns 0, what errno says when there is none, or -1
/// when the library did not want it.
static inline int cccd_http_accept(struct MHD_Daemon *daemon, int listening_socket) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int descriptor = accept4(listening_socket, (struct sockaddr *)&address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) return errno;
    return MHD_add_connection(daemon, descriptor, (struct sockaddr *)&address, size) == MHD_YES ? 0 : -1;
}

/// The connection's socket, or -1.
static inline int cccd_http_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : (int)info->connect_fd;
}

/// What the connection callback stored for this connection, or NULL.
static inline void *cccd_http_connection_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static const ssize_t CCCD_HTTP_STREAM_END = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t CCCD_HTTP_STREAM_ERROR = MHD_CONTENT_READER_END_WITH_ERROR;

/// A response of unknown length, read in pieces of up to 16 KiB.
static inline struct MHD_Response *cccd_http_streamed_response(
    MHD_ContentReaderCallback read, void *context, MHD_ContentReaderFreeCallback release) {
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16 << 10, read, context, release);
}
