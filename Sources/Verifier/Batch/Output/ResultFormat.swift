/// How the results of a batch are written, one for each record in the order of the input.
public enum ResultFormat: String, CaseIterable, Sendable {
    /// One JSON object on a line: record, name, outcome, validity, failed checks with reason and detail, checks that were
    /// not performed, serial number of the signer's certificate. Of a record that is no card image: record, name, the
    /// outcome `unreadable`, error.
    case json
    /// The same as comma-separated values (RFC 4180) under a line of headings; lists are separated by spaces.
    case csv
    /// Twenty bytes for each record behind a header of sixteen, integers little-endian. The header: `CCCDRES1`, the size
    /// of a record (4 bytes), the number of checks (4 bytes). A record: its number (8 bytes), the outcome (1 byte: 0
    /// genuine, 1 authenticData, 2 invalid, 3 unverified, 255 unreadable), the remarks on validity (1 byte: bit 0 expired,
    /// 1 reportedLost, 2 expiryUnknown), 2 bytes of zero, the failed checks (4 bytes, a bit each in the order of
    /// `CheckIdentifier.allCases`), the checks not performed (4 bytes, likewise).
    case binary
}
