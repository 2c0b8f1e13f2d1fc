import FoundationEssentials

/// What a log-in gives: two tokens that every look-up carries, and how long they are good.
struct GatewayToken: Sendable {
    let accessToken: String
    let idToken: String
    let expiresAt: Timestamp

    /// A token is renewed that long before its end, so that it does not end on its way.
    private static let margin = 30
    /// Where the gateway does not say how long a token is good.
    private static let defaultSeconds = 900

    func isGood(at moment: Timestamp) -> Bool {
        moment.secondsSince1970 + Self.margin < expiresAt.secondsSince1970
    }

    /// Reads the answer of `POST /api/token/take`.
    ///
    /// - Throws: `gatewayRefused`, `gatewayUnavailable`.
    init(_ body: [UInt8], now: Timestamp) throws(RegistryError) {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            throw .gatewayUnavailable(reason: "the answer to the log-in cannot be read")
        }
        let code = answer.maKetQua?.text ?? "200"
        switch code {
        case "200", "000": break
        case "500": throw .gatewayUnavailable(reason: "it failed at the log-in, code 500")
        default: throw .gatewayRefused(code: GatewayCode.printable(code), reason: "the log-in was not accepted")
        }
        guard let key = answer.APIKey, !key.access_token.isEmpty, key.access_token.utf8.count <= 8192,
            key.id_token.utf8.count <= 8192
        else { throw .gatewayUnavailable(reason: "the answer to the log-in has no tokens") }
        accessToken = key.access_token
        idToken = key.id_token
        expiresAt = Self.end(key.expires_in, now)
    }

    /// The end is told as a moment or as a number of seconds.
    private static func end(_ text: TextOrNumber?, _ now: Timestamp) -> Timestamp {
        if let text = text?.text {
            if let seconds = Int(text) {
                return Timestamp(secondsSince1970: now.secondsSince1970 + min(max(seconds, 0), 86_400))
            }
            let whole = text.prefix { $0 != "." && $0 != "Z" && $0 != "+" }
            if let moment = Timestamp(iso: "\(whole)Z") { return moment }
        }
        return Timestamp(secondsSince1970: now.secondsSince1970 + defaultSeconds)
    }

    private struct Answer: Decodable {
        struct Key: Decodable {
            let access_token: String
            let id_token: String
            let expires_in: TextOrNumber?
        }

        let maKetQua: TextOrNumber?
        let APIKey: Key?
    }
}

/// A value that some versions of the gateway write as text and others as a number.
struct TextOrNumber: Decodable, Sendable {
    let text: String

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self.text = text
        } else {
            text = String(try value.decode(Int.self))
        }
    }
}
