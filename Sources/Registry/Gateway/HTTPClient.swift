import CCurl
import Synchronization

/// What a server answered.
struct HTTPAnswer: Sendable, Equatable {
    let status: Int
    let body: [UInt8]
}

/// Why there is no answer. Never carries the address, which holds secrets.
struct HTTPFailure: Error, Equatable {
    /// libcurl's text for its code.
    let reason: String
}

/// Sends forms over HTTPS and keeps connections for the next one. May be used from many threads at once.
///
/// This is the one file that touches libcurl's pointers.
final class HTTPClient: Sendable {
    private let certificateAuthorities: String?
    private let idle = Mutex<[CurlHandle]>([])
    private static let idleLimit = 4
    /// No answer of a look-up is longer.
    static let bodyLimit = 1 << 20

    /// - Parameter certificateAuthorities: a file of PEM certificates that are trusted in place of the system's.
    init(certificateAuthorities: String? = nil) { self.certificateAuthorities = certificateAuthorities }

    /// Posts a form and waits for the answer.
    ///
    /// - Parameters:
    ///   - url: `https://…`, without a query.
    ///   - query: put behind the address, percent-encoded.
    func post(
        _ url: String, query: [(String, String)] = [], form: [(String, String)], timeLimit: Duration
    ) throws(HTTPFailure) -> HTTPAnswer {
        let waiting = idle.withLock { $0.popLast() }
        let handle: CurlHandle
        if let waiting { handle = waiting } else { handle = try CurlHandle() }
        let target = query.isEmpty ? url : url + "?" + Self.encoded(query)
        let answer = try handle.post(target, Self.encoded(form), timeLimit, certificateAuthorities)
        idle.withLock { if $0.count < Self.idleLimit { $0.append(handle) } }
        return answer
    }

    /// `application/x-www-form-urlencoded`, with everything but RFC 3986's unreserved characters percent-encoded.
    static func encoded(_ fields: [(String, String)]) -> String {
        func encoded(_ text: String) -> String {
            var bytes: [UInt8] = []
            let digits = Array("0123456789ABCDEF".utf8)
            for byte in text.utf8 {
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
                default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        return fields.map { "\(encoded($0))=\(encoded($1))" }.joined(separator: "&")
    }
}

/// A handle of libcurl with its kept connection. The client hands it over whole, which is why it may be sent.
@safe private final class CurlHandle: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer

    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() throws(HTTPFailure) {
        guard Self.isReady, let handle = unsafe curl_easy_init() else {
            throw HTTPFailure(reason: "libcurl cannot be used")
        }
        unsafe self.handle = handle
    }

    deinit { unsafe curl_easy_cleanup(handle) }

    /// Where an answer gathers.
    private final class Body {
        var bytes: [UInt8] = []
    }

    func post(
        _ url: String, _ form: String, _ timeLimit: Duration, _ certificateAuthorities: String?
    ) throws(HTTPFailure) -> HTTPAnswer {
        let components = timeLimit.components
        let milliseconds = max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
        unsafe curl_easy_reset(handle)
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_TIMEOUT_MS, milliseconds),
            (CURLOPT_CONNECTTIMEOUT_MS, min(milliseconds, 3000)), (CURLOPT_POSTFIELDSIZE, form.utf8.count),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)), (CURLOPT_MAXREDIRS, 0),
        ]
        var texts: [(CURLoption, String)] = [
            (CURLOPT_URL, url), (CURLOPT_PROTOCOLS_STR, "https"), (CURLOPT_COPYPOSTFIELDS, form),
            (CURLOPT_USERAGENT, "cccd"), (CURLOPT_ACCEPT_ENCODING, ""),
        ]
        if let certificateAuthorities { texts.append((CURLOPT_CAINFO, certificateAuthorities)) }
        let body = Body()
        let context = unsafe Unmanaged.passUnretained(body).toOpaque()
        var isSet = unsafe cccd_curl_set_write(handle, Self.write, context) == CURLE_OK
        for (option, number) in numbers {
            isSet = unsafe cccd_curl_set_number(handle, option, number) == CURLE_OK && isSet
        }
        for (option, text) in texts {
            isSet = unsafe cccd_curl_set_text(handle, option, text) == CURLE_OK && isSet
        }
        guard isSet else { throw HTTPFailure(reason: "libcurl does not take the settings") }
        let code = unsafe curl_easy_perform(handle)
        withExtendedLifetime(body) {}
        guard code == CURLE_OK else {
            let reason =
                code == CURLE_WRITE_ERROR ? "the answer is too long" : unsafe String(cString: curl_easy_strerror(code))
            throw HTTPFailure(reason: reason)
        }
        return HTTPAnswer(status: Int(unsafe cccd_curl_status(handle)), body: body.bytes)
    }

    private static let write: cccd_curl_write = { bytes, size, count, context in
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        let body = unsafe Unmanaged<Body>.fromOpaque(context).takeUnretainedValue()
        let total = size * count
        guard body.bytes.count + total <= HTTPClient.bodyLimit else { return 0 }
        unsafe body.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: total))
        return total
    }
}
