import Document
import Foundation
import TestSupport
import Testing
import Verifier

/// OpenSSL's own CMS code as a second opinion on the real chains.
@Suite("Agreement with OpenSSL's CMS", .enabled(if: SharedVectors.arePresent, "the shared vectors are not there"))
struct OpenSSLAgreementTests {
    @Test("on signatures, whole and damaged, OpenSSL answers as we do", arguments: RealChain.all)
    func signatures(_ chain: RealChain) throws {
        let object = try SecurityObject(chain.securityObject)
        let signer = try #require(object.signedData.signers.first)
        let places = [signer.signature.lowerBound + 20, try #require(object.signedData.content).upperBound - 1]
        for place in [nil] + places.map(Optional.some) {
            var bytes = object.bytes
            if let place { bytes[place] ^= 0x40 }
            let verdict = try RealChain.verdict(bytes, anchors: [chain.anchor])
            let ours = [.sodMessageDigest, .sodSignature].allSatisfy { verdict.check($0)?.result == .passed }
            #expect(try opensslAccepts(bytes, options: ["-noverify"]) == ours, "byte \(place ?? -1)")
            #expect(ours == (place == nil))
        }
    }

    /// OpenSSL refuses some good chains: those with explicit curve parameters, and one whose signer's certificate names
    /// another certificate of the same CSCA key by its serial number. So its yes counts here, and its no to a stranger.
    @Test("what OpenSSL accepts of chains, we accept; what has a stranger for an anchor, both refuse")
    func chains() throws {
        var acceptedByOpenSSL: [String] = []
        for chain in RealChain.all {
            let stranger = try #require(RealChain.all.first { $0.name != chain.name })
            let verdict = try RealChain.verdict(chain.securityObject, anchors: [stranger.anchor])
            #expect(verdict.check(.signerChain)?.result != .passed)
            #expect(try !opensslAcceptsChain(chain, anchor: stranger))
            if try opensslAcceptsChain(chain, anchor: chain) {
                acceptedByOpenSSL.append(chain.name)
                let verdict = try RealChain.verdict(chain.securityObject, anchors: [chain.anchor])
                #expect(verdict.check(.signerChain)?.result == .passed)
            }
        }
        #expect(acceptedByOpenSSL.count >= 4)
    }

    private func opensslAcceptsChain(_ chain: RealChain, anchor: RealChain) throws -> Bool {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".pem")
        defer { try? FileManager.default.removeItem(at: file) }
        let base64 = Data(anchor.anchor).base64EncodedString(options: .lineLength64Characters)
        try Data("-----BEGIN CERTIFICATE-----\n\(base64)\n-----END CERTIFICATE-----\n".utf8).write(to: file)
        // Times and purposes are left to the checks that own them.
        return try opensslAccepts(
            SecurityObject(chain.securityObject).bytes,
            options: [
                "-CAfile", file.path, "-partial_chain", "-no_check_time", "-purpose", "any", "-no-CApath",
                "-no-CAstore",
            ])
    }

    private func opensslAccepts(_ securityObject: [UInt8], options: [String]) throws -> Bool {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".p7")
        defer { try? FileManager.default.removeItem(at: file) }
        var cursor = TLVCursor(securityObject.span)
        let outer = try cursor.next(0x77)
        try Data(securityObject[outer.content]).write(to: file)
        let command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", file.path, "-out", "/dev/null"]
        return try ShellCommand.run(command + options).status == 0
    }
}
