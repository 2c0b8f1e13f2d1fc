/// How to reach a PostgreSQL server: a connection URI (PostgreSQL, 34.1.1.2). Its text never shows user and password.
public struct PostgreSQLAddress: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The URI as it was given; may hold a password.
    let uri: String
    /// Host and database: `db.clinic.vn/registry`.
    public let description: String

    /// `postgresql://user@host:port/database?sslmode=verify-full…`; what is left out comes from the environment and
    /// `~/.pgpass`, as with every program that uses libpq.
    ///
    /// - Throws: `invalidAddress`.
    public init(_ uri: String) throws(RegistryError) {
        // libpq's own text for a fault may repeat the password, and is left out.
        guard !uri.utf8.contains(0), let parts = PostgreSQLConnection.parse(uri) else {
            throw .invalidAddress(reason: "it is no connection URI that libpq understands")
        }
        self.uri = uri
        let host = [parts["host"], parts["hostaddr"]].compactMap(\.self).first { !$0.isEmpty } ?? "local"
        let port = parts["port"].map { ":\($0)" } ?? ""
        description = "\(host)\(port)/\(parts["dbname"] ?? parts["user"] ?? "")"
    }

    /// The same as `description`.
    public var debugDescription: String { description }
}
