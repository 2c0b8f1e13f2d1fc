/// Who is at the other end of a Unix socket: what the kernel noted when it connected (SO_PEERCRED in unix(7)).
struct PeerCredentials: Hashable, Sendable {
    var pid: Int32
    var uid: UInt32
    var gid: UInt32
}
