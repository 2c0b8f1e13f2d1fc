import Glibc

/// What tests must know of the sanitizer that they may have been built with.
public enum AddressSanitizer {
    /// Whether this program was built with it.
    public static let isOn = dlsym(nil, "__asan_init") != nil
    /// The freed memory, in bytes, that it holds back to notice later uses, unless it is told otherwise.
    public static let quarantineBytes = isOn ? 256 << 20 : 0
}
