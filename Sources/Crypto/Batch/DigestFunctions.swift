import COpenSSL
import Glibc

/// A hash function of OpenSSL's by its own three functions, such as `SHA256_Init`, without what EVP does around them: for
/// something short that is half of the work. Deprecated since OpenSSL 3.0, and so looked up by name like
/// `CurveFunctions`; EVP stands in for what is not there.
@unsafe struct DigestFunctions {
    typealias Begin = @convention(c) (UnsafeMutableRawPointer?) -> Int32
    typealias Update = @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, Int) -> Int32
    typealias Finish = @convention(c) (UnsafeMutablePointer<UInt8>?, UnsafeMutableRawPointer?) -> Int32

    let begin: Begin
    let update: Update
    let finish: Finish

    /// The largest of the structures that the functions work in, SHA512_CTX, has 216 bytes.
    static let contextByteCount = 256

    /// Nil when the OpenSSL that runs lacks one.
    init?(_ algorithm: DigestAlgorithm) {
        guard !DeprecatedFunctions.areLeftOut else { return nil }
        let name =
            switch algorithm {
            case .sha1: "SHA1"
            case .sha224: "SHA224"
            case .sha256: "SHA256"
            case .sha384: "SHA384"
            case .sha512: "SHA512"
            }
        guard let begin = unsafe dlsym(nil, name + "_Init"), let update = unsafe dlsym(nil, name + "_Update"),
            let finish = unsafe dlsym(nil, name + "_Final")
        else { return nil }
        unsafe self.begin = unsafe unsafeBitCast(begin, to: Begin.self)
        unsafe self.update = unsafe unsafeBitCast(update, to: Update.self)
        unsafe self.finish = unsafe unsafeBitCast(finish, to: Finish.self)
    }
}
