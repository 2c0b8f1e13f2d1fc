/// The description of the API that the daemon serves (OpenAPI 3.1), as it stands beside this file.
enum OpenAPIDocument {
    /// The answer of `GET /v1/openapi.json`.
    static var response: HTTPResponse {
        HTTPResponse(
            status: 200, headers: HTTPHeaders([("content-type", "application/json")]),
            body: SensitiveBytes(String(decoding: PackageResources.openapi_json, as: UTF8.self)))
    }
}
