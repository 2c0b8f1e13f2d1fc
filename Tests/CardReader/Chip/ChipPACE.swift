import Crypto
import Document

@testable import CardReader

/// The chip's side of PACE (Doc 9303-11, 4.4) with every mapping and group, for tests: sharing nothing with the terminal's.
final class ChipPACE {
    private let info: PACEInfo
    private let cipher: CipherAlgorithm
    private let key: SecretBytes
    private let group: ChipGroup
    /// The static private key of chip authentication mapping.
    private let staticKey: SecretBytes?
    private var nonce: [UInt8] = []
    private var mappingKey = SecretBytes([])
    private var mapped: ChipGroup?
    private var secret: [UInt8] = []
    private var own: [UInt8] = []
    private var theirs: [UInt8] = []
    private(set) var messaging: ChipMessaging?
    /// ID_IC for terminal authentication: the first coordinate of the chip's ephemeral key.
    var identifier: [UInt8] { group.coordinate(own) }

    /// Nil when the template names no variant or password of the chip.
    init?(
        template: [UInt8], variants: [PACEInfo], passwords: [PACEPassword: [UInt8]], staticKey: SecretBytes?,
        ownParameters: [Int: Int] = [:]
    ) throws {
        var cursor = TLVCursor(template.span)
        let mechanism = cursor.copy(try cursor.next(0x80).content)
        let reference = cursor.copy(try cursor.next(0x83).content)
        let parameter = try cursor.nextIfPresent(0x84).flatMap { cursor.copy($0.content).first }
        guard
            let info = variants.first(where: {
                $0.protocolOID.content == mechanism && (parameter == nil || $0.parameterID == parameter.map(Int.init))
            }),
            let password = reference.first.flatMap(PACEPassword.init(rawValue:)), let secret = passwords[password],
            let parameterID = info.parameterID
        else { return nil }
        self.info = info
        switch info.variant.cipher {
        case .tripleDES: cipher = .tripleDES
        case .aes128: cipher = .aes128
        case .aes192: cipher = .aes192
        case .aes256: cipher = .aes256
        }
        key = try ChipMessaging.derive(secret, 3, cipher)
        group = try ChipGroup(ownParameters[parameterID] ?? parameterID)
        self.staticKey = staticKey
    }

    /// The answer to one GENERAL AUTHENTICATE; nil when the terminal does not know the password.
    func step(_ data: [UInt8]) throws -> [UInt8]? {
        var cursor = TLVCursor(data.span)
        var objects = cursor.inside(try cursor.next(0x7C))
        guard !objects.isAtEnd else {
            nonce = try Random.bytes(info.variant.mapping == .integrated && cipher.keyByteCount > 16 ? 32 : 16)
            let zero = [UInt8](repeating: 0, count: cipher.blockByteCount)
            return Self.template([(0x80, try BlockCipher(cipher, key: key).encryptCBC(nonce, iv: zero))])
        }
        let element = try objects.next()
        let value = objects.copy(element.content)
        switch element.tag {
        case 0x81 where info.variant.mapping == .integrated:
            mapped = try group.integrated(s: nonce, t: value, cipher)
            return Self.template([(0x82, [])])
        case 0x81:
            let pair = try group.keyPair()
            mappingKey = pair.secret
            mapped = try group.generic(nonce, try group.product(value, pair.secret))
            return Self.template([(0x82, pair.public)])
        case 0x83:
            guard let mapped else { return nil }
            let pair = try mapped.keyPair()
            (own, theirs) = (pair.public, value)
            secret = mapped.coordinate(try mapped.product(value, pair.secret))
            return Self.template([(0x84, own)])
        case 0x85:
            let keys = try ChipMessaging(cipher: cipher, secret: secret)
            guard try token(own, keys) == value else { return nil }
            messaging = keys
            var answer = [(Document.Tag(rawValue: 0x86), try token(theirs, keys))]
            if info.variant.mapping == .chipAuthentication, let staticKey, case .curve(let curve) = group {
                let order = try Modulus(Self.orders[curve.curve] ?? [])
                let data = try order.multiply(order.inverse(staticKey.bytes), mappingKey.bytes)
                let block = try BlockCipher(cipher, key: keys.encryptionKey)
                let vector = try block.encryptBlock([UInt8](repeating: 0xFF, count: 16))
                answer.append((0x8A, try block.encryptCBC(keys.padded(data), iv: vector)))
            }
            return Self.template(answer)
        default: return nil
        }
    }

    private func token(_ publicKey: [UInt8], _ keys: ChipMessaging) throws -> [UInt8] {
        let object = TLVEncoder.element(
            0x7F49,
            TLVEncoder.element(0x06, info.protocolOID.content) + TLVEncoder.element(group.tag, publicKey))
        return cipher == .tripleDES
            ? try RetailMAC.tag(key: keys.authenticationKey, message: keys.padded(object))
            : Array(try AESCMAC.tag(key: keys.authenticationKey, message: object).prefix(8))
    }

    private static func template(_ objects: [(Document.Tag, [UInt8])]) -> [UInt8] {
        TLVEncoder.element(0x7C, objects.map { TLVEncoder.element($0.0, $0.1) })
    }

    /// SEC 2, 2.4.2, and RFC 5639, 3.4.
    private static let orders: [NamedCurve: [UInt8]] = [
        .secp256r1: bytes("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
        .brainpoolP256r1: bytes("A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7"),
    ]
}

/// A group as the chip computes in it; elements as they are on the wire.
enum ChipGroup {
    case curve(ECGroup)
    case integers(DHGroup)

    init(_ parameterID: Int) throws {
        if let curve = NamedCurve(standardizedDomainParameterID: parameterID) {
            self = .curve(try ECGroup(curve))
        } else {
            self = .integers(try DHGroup(standardizedDomainParameterID: parameterID))
        }
    }

    var tag: Document.Tag {
        if case .curve = self { 0x86 } else { 0x84 }
    }

    func keyPair() throws -> (secret: SecretBytes, public: [UInt8]) {
        switch self {
        case .curve(let group):
            let scalar = try group.randomScalar()
            return (scalar, try group.multiplyGenerator(by: scalar).encoded)
        case .integers(let group):
            let exponent = try group.randomExponent()
            return (exponent, Array(try group.power(group.generator, exponent).drop { $0 == 0 }))
        }
    }

    func product(_ element: [UInt8], _ secret: SecretBytes) throws -> [UInt8] {
        switch self {
        case .curve(let group): try group.multiply(group.point(element), by: secret).encoded
        case .integers(let group): try group.power(element, secret)
        }
    }

    func coordinate(_ element: [UInt8]) -> [UInt8] {
        if case .curve = self { Array(element.dropFirst().prefix(element.count / 2)) } else { element }
    }

    func generic(_ nonce: [UInt8], _ shared: [UInt8]) throws -> ChipGroup {
        switch self {
        case .curve(let group):
            let point = try group.multiplyGenerator(by: SecretBytes(nonce))
            return .curve(try group.withGenerator(group.add(point, group.point(shared))))
        case .integers(let group):
            let element = try group.prime.multiply(group.prime.power(group.generator, nonce), shared)
            return .integers(try group.withGenerator(element))
        }
    }

    func integrated(s: [UInt8], t: [UInt8], _ cipher: CipherAlgorithm) throws -> ChipGroup {
        let modulus: Modulus
        switch self {
        case .curve(let group): modulus = try group.equation.field
        case .integers(let group): modulus = group.prime
        }
        let isLong = s.count == 32
        let c0 = bytes(
            isLong
                ? "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"
                : "a668892a7c41e3ca739f40b057d85904")
        let c1 = bytes(
            isLong
                ? "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"
                : "a4e136ac725f738b01c1f60217c188ad")
        let zero = [UInt8](repeating: 0, count: cipher.blockByteCount)
        var k = try BlockCipher(cipher, key: SecretBytes(t)).encryptCBC(s, iv: zero)
        let bits = 8 * modulus.byteCount - (modulus.bytes.first ?? 1).leadingZeroBitCount
        var x: [UInt8] = []
        for _ in 0..<(bits + 64 + 8 * s.count - 1) / (8 * s.count) {
            let block = try BlockCipher(cipher, key: SecretBytes(Array(k.prefix(cipher.keyByteCount))))
            x += try block.encryptCBC(c1, iv: zero)
            k = try block.encryptCBC(c0, iv: zero)
        }
        let number = try modulus.reduce(x)
        switch self {
        case .integers(let group): return .integers(try group.withGenerator(group.element(from: number)))
        case .curve(let group): return .curve(try group.withGenerator(group.point(Self.point(number, group.equation))))
        }
    }

    /// The simplified map of Brier, Coron et al. with square roots and inverses, which a chip has no time for.
    private static func point(_ t: [UInt8], _ curve: CurveEquation) throws -> [UInt8] {
        let p = curve.field
        let alpha = try p.subtract([0], p.power(t, [2]))
        let x2 = try p.multiply(
            p.subtract([0], p.multiply(curve.b, p.inverse(curve.a))),
            p.add([1], p.inverse(p.add(alpha, p.power(alpha, [2])))))
        let value = { (x: [UInt8]) in try p.add(p.power(x, [3]), p.add(p.multiply(curve.a, x), curve.b)) }
        let quarter = try p.inverse([4])
        let root = try p.power(value(x2), quarter)
        if try p.power(root, [2]) == value(x2) { return [0x04] + x2 + root }
        let x3 = try p.multiply(alpha, x2)
        // y = t³·h2 / h2^((p + 1) / 4)
        return try [0x04] + x3 + p.multiply(p.multiply(p.power(t, [3]), value(x2)), p.inverse(root))
    }
}
