import CMicroHTTPD
import Glibc

/// setsockopt(2), for this program and all libraries in it, with one error number changed: a Unix socket has no options of
/// TCP, which Linux calls EOPNOTSUPP, and here is called ENOPROTOOPT.
///
/// libmicrohttpd wants to set two options of TCP with each answer, and stops when it is told by ENOPROTOOPT that a connection
/// that it was given has none. EOPNOTSUPP it takes for a failure of the moment, tries again with the next answer, and looks
/// up the error's text each time: a twentieth of what an answer costs.
@_cdecl("setsockopt")
public func setSocketOption(
    _ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: UnsafeRawPointer?, _ size: UInt32
) -> CInt {
    let result = unsafe cccd_setsockopt(descriptor, level, name, value, size)
    if result != 0, level == CCCD_IPPROTO_TCP, errno == EOPNOTSUPP { errno = ENOPROTOOPT }
    return result
}
