import Crypto
import TestSupport
import Testing

@Suite("Finite fields")
struct FiniteFieldTests {
    @Test("arithmetic modulo 23 is that of the schoolbook")
    func small() throws {
        let modulus = try Modulus([23])
        #expect(try modulus.add([20], [5]) == [2])
        #expect(try modulus.subtract([5], [20]) == [8])
        #expect(try modulus.multiply([7], [10]) == [1])
        #expect(try modulus.inverse([7]) == [10])
        #expect(try modulus.power([5], [22]) == [1])
        #expect(try modulus.power([5], secret: SecretBytes([3])) == [10])
        #expect(try modulus.reduce([0x01, 0x00]) == [3])
        #expect(throws: CryptoError.self) { try modulus.inverse([0]) }
        #expect(throws: CryptoError.self) { try Modulus([22]) }
    }

    @Test("both sides of a Diffie-Hellman agreement have the same secret", arguments: 0...2)
    func agreement(_ id: Int) throws {
        let group = try DHGroup(standardizedDomainParameterID: id)
        let (a, b) = (try group.randomExponent(), try group.randomExponent())
        let (publicA, publicB) = (try group.power(group.generator, a), try group.power(group.generator, b))
        #expect(try group.power(publicB, a) == group.power(publicA, b))
        #expect(try group.isElement(publicA))
    }

    @Test("0, 1, p − 1, p and elements outside the subgroup are none of it")
    func outsiders() throws {
        let group = try DHGroup(standardizedDomainParameterID: 0)
        let one = [UInt8](repeating: 0, count: group.byteCount - 1) + [1]
        let minusOne = try group.prime.subtract([0], [1])
        for element in [[0], one, minusOne, group.prime.bytes, [2]] {
            #expect(try !group.isElement(element))
            #expect(throws: CryptoError.self) { try group.withGenerator(element) }
        }
    }

    @Test("Doc 9303-11, G.2: group 0 is the one of the worked example", .enabled(if: SharedVectors.arePresent))
    func workedExample() throws {
        struct Examples: Decodable {
            struct Example: Decodable { let values: [String: String] }
            let G2_PACE_GM_DH_1024_160: Example
        }
        let values = try SharedVectors.json("icao9303/worked_examples.json", as: Examples.self)
            .G2_PACE_GM_DH_1024_160.values
        func value(_ name: String) throws -> [UInt8] { hex(try #require(values[name])) }
        let group = try DHGroup(standardizedDomainParameterID: 0)
        #expect(try group.prime.bytes == value("p"))
        #expect(try group.generator == value("g"))
        #expect(try group.order.bytes == value("q"))
        #expect(try group.power(group.generator, SecretBytes(value("pcd_map_priv"))) == value("pcd_map_pub"))
    }
}
