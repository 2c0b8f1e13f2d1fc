/// The page at the desk, as its files stand in the folder `Files` beside this one.
///
/// It is the same for everybody and holds nobody's data, so it is served without a token; all that it shows it asks for by the
/// API, with the token that its opener gave it.
enum PageFile: String, CaseIterable {
    case page = "index.html"
    case style = "style.css"
    case icon = "icon.svg"
    case main = "main.js"
    case api = "api.js"
    case state = "state.js"
    case key = "key.js"
    case view = "view.js"
    case verdict = "verdict.js"
    case day = "day.js"
    case texts = "texts.js"

    /// Where it is served.
    var path: String { self == .page ? "/" : "/page/\(rawValue)" }

    var mediaType: String {
        if rawValue.hasSuffix(".html") { return "text/html; charset=utf-8" }
        if rawValue.hasSuffix(".css") { return "text/css; charset=utf-8" }
        if rawValue.hasSuffix(".svg") { return "image/svg+xml" }
        return "text/javascript; charset=utf-8"
    }

    private var bytes: [UInt8] {
        switch self {
        case .page: PackageResources.index_html
        case .style: PackageResources.style_css
        case .icon: PackageResources.icon_svg
        case .main: PackageResources.main_js
        case .api: PackageResources.api_js
        case .state: PackageResources.state_js
        case .key: PackageResources.key_js
        case .view: PackageResources.view_js
        case .verdict: PackageResources.verdict_js
        case .day: PackageResources.day_js
        case .texts: PackageResources.texts_js
        }
    }

    /// What the browser may do with the page: run and show its own files, ask this daemon, and show a portrait that it was
    /// given. Nothing from elsewhere, nothing in the page's text, and in no frame.
    private static let contentSecurityPolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'
        """

    private static let headers: [(name: String, value: String)] = [
        ("content-security-policy", contentSecurityPolicy), ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()"),
        ("x-frame-options", "DENY"),
    ]

    private var response: HTTPResponse {
        let body = SensitiveBytes(bytes)
        return HTTPResponse(
            status: 200, headers: HTTPHeaders([("content-type", mediaType)] + Self.headers), body: body)
    }

    /// One for each file.
    static var routes: [Route] {
        allCases.map { file in
            Route(method: "GET", template: file.path, body: .none, isPublic: true, problems: []) { _, reply in
                reply.send(file.response)
            }
        }
    }
}
