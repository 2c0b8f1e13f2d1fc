// libpq and libcurl for the package's program, loaded when they are first called. With what they bring along they are 25 libraries and
// 2 MiB, which a desk with a registry of its own never needs. The linker finds these functions in the libraries' place; one that is
// missing here is an error when the package is built. The package depends on both libraries, so that loading them fails where an
// installation is damaged alone.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

/// The function `name` of `library`; ends the program where there is none.
static void *loaded(const char *library, const char *name) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    void *function = handle ? dlsym(handle, name) : NULL;
    if (!function) {
        fprintf(stderr, "cccd: %s\n", dlerror());
        exit(2);
    }
    return function;
}

// Several threads may look a function up at the same time; each finds the same.
#define FORWARD(library, result, name, parameters, arguments)                                                        \
    result name parameters {                                                                                         \
        static void *_Atomic known;                                                                                  \
        void *function = known;                                                                                      \
        if (!function) known = function = loaded(library, #name);                                                    \
        return ((__typeof__(&name))function)arguments;                                                               \
    }

#define PQ(result, name, parameters, arguments) FORWARD("libpq.so.5", result, name, parameters, arguments)
PQ(PGconn *, PQconnectdbParams, (const char *const *k, const char *const *v, int expand), (k, v, expand))
PQ(PQconninfoOption *, PQconninfoParse, (const char *text, char **message), (text, message))
PQ(void, PQconninfoFree, (PQconninfoOption * options), (options))
PQ(void, PQfinish, (PGconn * c), (c))
PQ(ConnStatusType, PQstatus, (const PGconn *c), (c))
PQ(char *, PQerrorMessage, (const PGconn *c), (c))
PQ(int, PQsocket, (const PGconn *c), (c))
PQ(int, PQconnectionNeedsPassword, (const PGconn *c), (c))
PQ(int, PQconnectionUsedPassword, (const PGconn *c), (c))
PQ(PQnoticeProcessor, PQsetNoticeProcessor, (PGconn * c, PQnoticeProcessor processor, void *arg), (c, processor, arg))
PQ(int, PQsendQuery, (PGconn * c, const char *query), (c, query))
PQ(int, PQsendQueryParams,
   (PGconn * c, const char *query, int n, const Oid *types, const char *const *values, const int *lengths,
    const int *formats, int format),
   (c, query, n, types, values, lengths, formats, format))
PQ(int, PQsendPrepare, (PGconn * c, const char *name, const char *query, int n, const Oid *types),
   (c, name, query, n, types))
PQ(int, PQsendQueryPrepared,
   (PGconn * c, const char *name, int n, const char *const *values, const int *lengths, const int *formats, int format),
   (c, name, n, values, lengths, formats, format))
PQ(int, PQconsumeInput, (PGconn * c), (c))
PQ(int, PQisBusy, (PGconn * c), (c))
PQ(PGresult *, PQgetResult, (PGconn * c), (c))
PQ(int, PQputCopyData, (PGconn * c, const char *bytes, int count), (c, bytes, count))
PQ(int, PQputCopyEnd, (PGconn * c, const char *message), (c, message))
PQ(int, PQgetCopyData, (PGconn * c, char **bytes, int async), (c, bytes, async))
PQ(ExecStatusType, PQresultStatus, (const PGresult *r), (r))
PQ(char *, PQresultErrorField, (const PGresult *r, int field), (r, field))
PQ(int, PQntuples, (const PGresult *r), (r))
PQ(int, PQnfields, (const PGresult *r), (r))
PQ(char *, PQcmdTuples, (PGresult * r), (r))
PQ(char *, PQgetvalue, (const PGresult *r, int row, int field), (r, row, field))
PQ(int, PQgetlength, (const PGresult *r, int row, int field), (r, row, field))
PQ(int, PQgetisnull, (const PGresult *r, int row, int field), (r, row, field))
PQ(void, PQclear, (PGresult * r), (r))
PQ(void, PQfreemem, (void *memory), (memory))

#define CURL_(result, name, parameters, arguments) FORWARD("libcurl.so.4", result, name, parameters, arguments)
CURL_(CURLcode, curl_global_init, (long flags), (flags))
CURL_(CURL *, curl_easy_init, (void), ())
CURL_(CURLcode, curl_easy_perform, (CURL * curl), (curl))
CURL_(void, curl_easy_reset, (CURL * curl), (curl))
CURL_(void, curl_easy_cleanup, (CURL * curl), (curl))
CURL_(const char *, curl_easy_strerror, (CURLcode code), (code))

// Their third argument is a pointer or a long, which are passed alike on the architectures that the package is for.
_Static_assert(sizeof(long) == sizeof(void *), "an option's value is passed as a pointer");

CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...) {
    va_list arguments;
    va_start(arguments, option);
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    return ((__typeof__(&curl_easy_setopt))loaded("libcurl.so.4", "curl_easy_setopt"))(curl, option, value);
}

CURLcode curl_easy_getinfo(CURL *curl, CURLINFO info, ...) {
    va_list arguments;
    va_start(arguments, info);
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    return ((__typeof__(&curl_easy_getinfo))loaded("libcurl.so.4", "curl_easy_getinfo"))(curl, info, value);
}
