import Crypto
import Document

@testable import CardReader

/// The chip's side of PACE with generic mapping over elliptic curves (Doc 9303-11, 4.4), for tests.
final class ChipPACE {
    private let info: PACEInfo
    private let cipher: CipherAlgorithm
    private let key: SecretBytes
    private let group: ECGroup
    private var nonce = SecretBytes([])
    private var mapped: ECGroup?
    private var secret: [UInt8] = []
    private var own: ECPoint?
    private var theirs: ECPoint?
    private(set) var messaging: ChipMessaging?

    /// Nil when the template names no variant or password of the chip.
    init?(template: [UInt8], variants: [PACEInfo], passwords: [PACEPassword: [UInt8]]) throws {
        var cursor = TLVCursor(template.span)
        let mechanism = cursor.copy(try cursor.next(0x80).content)
        let reference = cursor.copy(try cursor.next(0x83).content)
        let parameter = try cursor.nextIfPresent(0x84).flatMap { cursor.copy($0.content).first }
        guard
            let info = variants.first(where: {
                $0.protocolOID.content == mechanism && (parameter == nil || $0.parameterID == parameter.map(Int.init))
            }),
            let password = reference.first.flatMap(PACEPassword.init(rawValue:)), let secret = passwords[password],
            let curve = info.parameterID.flatMap(NamedCurve.init(standardizedDomainParameterID:))
        else { return nil }
        self.info = info
        switch info.variant.cipher {
        case .tripleDES: cipher = .tripleDES
        case .aes128: cipher = .aes128
        case .aes192: cipher = .aes192
        case .aes256: cipher = .aes256
        }
        key = try ChipMessaging.derive(secret, 3, cipher)
        group = try ECGroup(curve)
    }

    /// The answer to one GENERAL AUTHENTICATE; nil when the terminal does not know the password.
    func step(_ data: [UInt8]) throws -> [UInt8]? {
        var cursor = TLVCursor(data.span)
        var objects = cursor.inside(try cursor.next(0x7C))
        guard !objects.isAtEnd else {
            nonce = try SecretBytes(randomCount: 16)
            let zero = [UInt8](repeating: 0, count: cipher.blockByteCount)
            return Self.template(0x80, try BlockCipher(cipher, key: key).encryptCBC(nonce.bytes, iv: zero))
        }
        let element = try objects.next()
        let value = objects.copy(element.content)
        switch element.tag {
        case 0x81:
            let scalar = try group.randomScalar()
            let shared = try group.multiply(group.point(value), by: scalar)
            mapped = try group.withGenerator(group.add(group.multiplyGenerator(by: nonce), shared))
            return Self.template(0x82, try group.multiplyGenerator(by: scalar).encoded)
        case 0x83:
            guard let mapped else { return nil }
            let scalar = try mapped.randomScalar()
            let point = try mapped.multiplyGenerator(by: scalar)
            let received = try mapped.point(value)
            (own, theirs) = (point, received)
            secret = try mapped.multiply(received, by: scalar).x
            return Self.template(0x84, point.encoded)
        case 0x85:
            guard let own, let theirs else { return nil }
            let keys = try ChipMessaging(cipher: cipher, secret: secret)
            guard try token(own, keys) == value else { return nil }
            messaging = keys
            return Self.template(0x86, try token(theirs, keys))
        default: return nil
        }
    }

    private func token(_ point: ECPoint, _ keys: ChipMessaging) throws -> [UInt8] {
        let object = TLVEncoder.element(
            0x7F49, TLVEncoder.element(0x06, info.protocolOID.content) + TLVEncoder.element(0x86, point.encoded))
        return cipher == .tripleDES
            ? try RetailMAC.tag(key: keys.authenticationKey, message: keys.padded(object))
            : Array(try AESCMAC.tag(key: keys.authenticationKey, message: object).prefix(8))
    }

    private static func template(_ tag: Tag, _ value: [UInt8]) -> [UInt8] {
        TLVEncoder.element(0x7C, TLVEncoder.element(tag, value))
    }
}
