#pragma once
#include <libpq-fe.h>
#include <poll.h>

// The fields of an error are named by character constants, which are no characters in Swift.

/// Five characters (PostgreSQL, appendix A), or NULL.
static inline const char *cccd_pq_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *cccd_pq_primary_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
