@testable import CardReader
import Crypto
import Document

/// An answer under secure messaging: the first byte chooses the cipher and whether its checksum is made right, so that
/// what stands behind the checksum is reached too.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzSecureMessaging(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput.bytes(start, count)
    guard let choice = input.first, input.count >= 3 else { return 0 }
    let cipher: CipherAlgorithm = choice & 1 == 0 ? .aes128 : .tripleDES
    guard let keys = try? SessionKeys(from: SecretBytes([1, 2, 3, 4]), for: cipher) else { return 0 }
    var messaging = SecureMessaging(cipher: cipher, keys: keys)
    guard (try? messaging.protect(.readBinary(offset: 0, count: 8))) != nil else { return 0 }
    var answer = Array(input.dropFirst())
    if choice & 2 != 0 {
        let status = Array(answer.suffix(2))
        let objects = Array(answer.dropLast(2))
        let counter = [UInt8](repeating: 0, count: cipher.blockByteCount - 1) + [2]
        let message = counter + BlockPadding.pad(objects, to: cipher.blockByteCount)
        guard let tag = try? cipher.checksum(key: keys.authentication, message: message) else { return 0 }
        answer = objects + [0x8E, 0x08] + tag + status
    }
    guard let response = try? ResponseAPDU(answer), let plain = try? messaging.unprotect(response) else { return 0 }
    require(choice & 2 != 0, "an answer without the right checksum is refused")
    require(plain.status == response.status, "the status word inside is the one outside")
    require(plain.data.count < response.data.count, "protection is longer than what it protects")
    return 0
}
