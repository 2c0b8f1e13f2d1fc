#pragma once
#include <curl/curl.h>

// Swift cannot call C functions with variable arguments; these stand in for the ones of libcurl.

static inline CURLcode cccd_curl_set_text(CURL *curl, CURLoption option, const char *value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode cccd_curl_set_number(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode cccd_curl_set_pointer(CURL *curl, CURLoption option, void *value) {
    return curl_easy_setopt(curl, option, value);
}

typedef size_t (*cccd_curl_write)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode cccd_curl_set_write(CURL *curl, cccd_curl_write write, void *context) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write);
    return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_WRITEDATA, context) : code;
}

/// The status of the answer (RFC 9110, 15); 0 when there was none.
static inline long cccd_curl_status(CURL *curl) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
