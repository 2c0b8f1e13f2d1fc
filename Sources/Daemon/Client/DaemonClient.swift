import FoundationEssentials
import Glibc

/// Asks a daemon over its Unix socket, as the command line does: one request, one connection.
public struct DaemonClient: Sendable {
    /// Why there was no answer.
    public enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// Nobody answers at the socket.
        case unreachable(path: String, reason: String)
        /// This user may not connect.
        case notPermitted(path: String)
        /// What came is no answer.
        case malformed(path: String)

        /// One sentence in English.
        public var description: String {
            switch self {
            case .unreachable(let path, let reason):
                "no daemon answers at \(path) (\(reason)); start it with `systemctl start cccd`, or name its configuration"
            case .notPermitted(let path):
                "this user may not connect to \(path): have it put into the group that the socket belongs to "
                    + "(`sudo adduser USER cccd-desk`), then log in again"
            case .malformed(let path): "what answers at \(path) is no cccd daemon"
            }
        }
    }

    /// An answer.
    public struct Answer: Sendable {
        /// The HTTP status.
        public let status: Int
        /// The body.
        public let body: [UInt8]
    }

    private let path: String
    private let seconds: Int
    /// The longest answer that is taken.
    private static let limit = 16 << 20

    /// - Parameters:
    ///   - socket: The path of the daemon's socket.
    ///   - seconds: How long an answer may take.
    public init(socket: String, seconds: Int = 10) {
        path = socket
        self.seconds = seconds
    }

    /// What the daemon answers to `GET` of a path.
    public func get(_ target: String) throws(Failure) -> Answer {
        try answer(to: "GET \(target) HTTP/1.0\r\nHost: cccd\r\nConnection: close\r\n\r\n")
    }

    /// What the daemon answers to `POST` of a body in JSON.
    public func post(_ target: String, json body: [UInt8]) throws(Failure) -> Answer {
        let head =
            "POST \(target) HTTP/1.0\r\nHost: cccd\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        return try answer(to: head + String(decoding: body, as: UTF8.self))
    }

    private func answer(to request: String) throws(Failure) -> Answer {
        let bytes = try exchange(request)
        let end = Array("\r\n\r\n".utf8)
        guard let head = bytes.firstRange(of: end), let status = Self.status(of: bytes[..<head.lowerBound]) else {
            throw .malformed(path: path)
        }
        return Answer(status: status, body: Array(bytes[head.upperBound...]))
    }

    /// The status of the daemon's answer to `HEAD` of a path.
    func head(_ target: String) throws(Failure) -> Int {
        let bytes = try exchange("HEAD \(target) HTTP/1.0\r\nHost: cccd\r\nConnection: close\r\n\r\n")
        guard let status = Self.status(of: bytes[...]) else { throw .malformed(path: path) }
        return status
    }

    private func exchange(_ request: String) throws(Failure) -> [UInt8] {
        do throws(SystemCallError) {
            let socket = try SystemCalls.unixSocket()
            defer { SystemCalls.close(socket) }
            try SystemCalls.setTimeLimit(seconds, on: socket)
            try SystemCalls.connect(socket, to: path)
            SystemCalls.write(request, to: socket)
            return try SystemCalls.readAll(socket, limit: Self.limit)
        } catch {
            if error.code == EACCES { throw .notPermitted(path: path) }
            throw .unreachable(path: path, reason: error.description)
        }
    }

    private static func status(of head: ArraySlice<UInt8>) -> Int? {
        let line = String(decoding: head.prefix { $0 != 0x0D }, as: UTF8.self).split(separator: " ")
        guard line.count >= 2, line[0].hasPrefix("HTTP/1.") else { return nil }
        return Int(line[1])
    }
}
