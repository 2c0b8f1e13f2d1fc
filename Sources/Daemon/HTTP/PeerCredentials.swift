/// Who is at the other end of a Unix socket: what the kernel noted when it connected (SO_PEERCRED in unix(7)).
struct PeerCredentials: Hashable, Sendable {
    var pid: Int32
    var uid: UInt32
    var gid: UInt32
    /// The supplementary groups (SO_PEERGROUPS); empty where the kernel does not tell.
    var groups: [UInt32] = []
}

/// Who sends a request, as far as the connection tells.
enum Caller: Hashable, Sendable {
    /// A process of this machine, over the Unix socket.
    case process(PeerCredentials)
    /// Whoever can reach the loopback port; only a token says who.
    case loopback

    /// The process, where the kernel vouches for it.
    var process: PeerCredentials? { if case .process(let credentials) = self { credentials } else { nil } }
}
