import FoundationEssentials

/// An answer: wholly made before its first byte is sent, unless it is a stream.
struct HTTPResponse: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: SensitiveBytes
    /// What is sent in the body's place, piece by piece.
    var stream: (any HTTPStream)?

    init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: SensitiveBytes = SensitiveBytes()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer in JSON, members in the order of their names, dates as the values themselves write them.
    static func json(status: Int = 200, _ value: some Encodable, type: String = "application/json") -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var data = try? encoder.encode(value) else {
            // Only a value that JSON cannot hold, such as an infinite number, comes here.
            return HTTPResponse(status: 500)
        }
        return HTTPResponse(
            status: status, headers: HTTPHeaders([("content-type", type)]), body: SensitiveBytes(wiping: &data))
    }
}
