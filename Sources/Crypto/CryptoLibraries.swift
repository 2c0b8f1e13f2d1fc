import CIPSecMB
import COpenSSL

/// What cryptography runs on, as an administrator asks about it.
public enum CryptoLibraries {
    /// The version of the OpenSSL whose headers this was built with, such as `3.0.17`.
    public static var openSSLAtBuild: String { OPENSSL_VERSION_STR }

    /// The version of the OpenSSL that runs.
    public static var openSSLRunning: String { unsafe String(cString: OpenSSL_version(OPENSSL_FULL_VERSION_STRING)) }

    /// Whether libIPSec_MB, which hashes many messages at a time, is there and passes its own test.
    public static var hashesSideBySide: Bool {
        guard let manager = unsafe cccd_imb_new(0) else { return false }
        unsafe cccd_imb_free(manager)
        return true
    }
}
