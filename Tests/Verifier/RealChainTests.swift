import Crypto
import Document
import Foundation
import TestSupport
import Testing
import Verifier

@Suite("Real chains", .enabled(if: SharedVectors.arePresent, "the shared vectors are not there"))
struct RealChainTests {
    static let provenByChain: [CheckIdentifier] = [
        .sodStructure, .sodMessageDigest, .sodSignature, .signerChain, .signerValidity, .signerUsage, .signerStrength,
    ]

    @Test("there are eight")
    func count() { #expect(RealChain.all.count == 8) }

    @Test("signature and chain pass with the right CSCA, and no data group is called checked", arguments: RealChain.all)
    func rightAnchor(_ chain: RealChain) throws {
        let verdict = try RealChain.verdict(chain.securityObject, anchors: [chain.anchor])
        for id in Self.provenByChain { #expect(verdict.check(id)?.result == .passed, "\(id)") }
        #expect(verdict.outcome == .unverified)
        #expect(verdict.check(.dataGroupsHash)?.reason == .noDataGroups)
        #expect(verdict.check(.dataGroupsComplete)?.reason == .notRead)
        #expect(verdict.checks.map(\.id) == CheckIdentifier.allCases)
    }

    @Test("no chain passes with the seven other CSCAs", arguments: RealChain.all)
    func otherAnchors(_ chain: RealChain) throws {
        let others = RealChain.all.filter { $0.name != chain.name }
        let verdict = try RealChain.verdict(chain.securityObject, anchors: others.map(\.anchor))
        #expect(verdict.check(.signerChain)?.result != .passed)
        #expect(verdict.outcome == .unverified)
        for other in others {
            let verdict = try RealChain.verdict(chain.securityObject, anchors: [other.anchor])
            #expect(verdict.check(.signerChain)?.result != .passed, "\(other)")
        }
    }

    @Test("nothing passes without trust", arguments: RealChain.all)
    func noAnchors(_ chain: RealChain) throws {
        let verdict = try RealChain.verdict(chain.securityObject, anchors: [])
        #expect(verdict.check(.signerChain)?.reason == .noTrustAnchors)
        #expect(verdict.outcome == .unverified)
    }

    @Test("no chain passes when any one byte of the signed parts is changed", arguments: RealChain.all)
    func changedByte(_ chain: RealChain) throws {
        let object = try SecurityObject(chain.securityObject)
        let signed = try #require(object.signedData.content)
        let attributes = object.signedData.signers.first?.signedAttributes?.content ?? 0..<0
        for index in Array(signed) + Array(attributes) {
            var bytes = object.bytes
            bytes[index] ^= 1 << UInt8(index % 8)
            let verdict = try RealChain.verdict(bytes, anchors: [chain.anchor])
            let proven = Self.provenByChain.allSatisfy { verdict.check($0)?.result == .passed }
            #expect(!proven && verdict.outcome == .invalid, "byte \(index)")
        }
    }

    @Test("a changed signature, signer's certificate or digest algorithm is refused", arguments: RealChain.all)
    func changedSignature(_ chain: RealChain) throws {
        let object = try SecurityObject(chain.securityObject)
        let signer = try #require(object.signedData.signers.first)
        let certificate = try #require(object.signedData.certificates.first)
        for index in Array(signer.signature) + stride(from: certificate.lowerBound, to: certificate.upperBound, by: 7) {
            var bytes = object.bytes
            bytes[index] ^= 0x01
            let verdict = try RealChain.verdict(bytes, anchors: [chain.anchor])
            let proven = Self.provenByChain.allSatisfy { verdict.check($0)?.result == .passed }
            #expect(!proven, "byte \(index)")
        }
    }

    @Test("certificates out of their validity are told", arguments: RealChain.all)
    func outOfDate(_ chain: RealChain) throws {
        var trust = TrustStore()
        try trust.add(Certificate(der: chain.anchor))
        let image = CardImage(files: [.sod: chain.securityObject])
        for (day, reason) in [("2060-01-01", CheckReason.signerExpired), ("2001-01-01", .signerNotYetValid)] {
            let date = try Date("\(day)T00:00:00Z", strategy: .iso8601)
            let verdict = CardVerifier(trust: trust).verify(Evidence(image: image, date: date))
            #expect(verdict.check(.signerValidity)?.result == .failed)
            #expect(verdict.check(.signerValidity)?.reason == reason)
            #expect(verdict.outcome == .invalid)
        }
    }
}
