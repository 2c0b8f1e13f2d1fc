import Document

@testable import CardReader

/// The chip of an invented person, and the keys printed on the card around it.
enum Sample {
    static let personalNumber = (try? PersonalNumber("001190012345"))
    static let fields = (try? AccessFields(documentNumber: "190012345", birthDate: "900215", expiryDate: "300215"))
    static let qr = (try? QRText("001190012345||Nguyễn Thị Mẫu|15021990|Nữ|Số 1, phố Thử, Hà Nội|20052021"))

    /// EF.CardAccess as real cards have it (terminal authentication, chip authentication, PACE with AES-128 on parameters 13).
    static let cardAccess = bytes(
        "3134300D060804007F0007020202020101300F060A04007F000702020302020201013012060A04007F0007020204020202010202010D")

    static let files: [ElementaryFile: [UInt8]] = [
        .com: bytes("6018 5F0104 30313037 5F3606 303430303030 5C06 6175636D6E6F"),
        .sod: file(0x77, 1800),
        .dg1: file(0x61, 93),
        .dg2: file(0x75, 17_000),
        .dg13: file(0x6D, 420),
        .dg14: file(0x6E, 230),
        .dg15: file(0x6F, 120),
    ]

    /// A file of one outer tag around so many bytes, none like its neighbour.
    static func file(_ tag: Tag, _ count: Int) -> [UInt8] {
        TLVEncoder.element(tag, (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
    }

    /// A chip that opens to PACE and BAC, as real cards do.
    static func chip(
        cardAccess: [UInt8]? = cardAccess, can: String? = "012345", files: [ElementaryFile: [UInt8]] = files
    ) throws -> TestChip {
        let chip = TestChip()
        chip.masterFiles[0x3F00] = []
        if let cardAccess {
            chip.masterFiles[0x011C] = cardAccess
            chip.variants = try SecurityInfos(cardAccess.span).pace
            if let can { chip.passwords[.can] = Array(can.utf8) }
            chip.passwords[.mrz] = try fields?.paceSecret().bytes
        }
        chip.accessSeed = try fields?.paceSecret().prefix(16).bytes
        for (file, content) in files { chip.files[file.fileIdentifier] = content }
        return chip
    }

    /// EF.CardAccess that offers one variant of PACE.
    static func cardAccess(protocolArcs arcs: [UInt64], parameterID: UInt8) -> [UInt8] {
        let oid = ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 4] + arcs)
        let info = TLVEncoder.element(.sequence, oid.encoded + [0x02, 0x01, 0x02, 0x02, 0x01, parameterID])
        return TLVEncoder.element(.set, info)
    }

    /// EF.SOD with hashes of the data groups given, signed by nobody.
    static func securityObject(listing dataGroups: [UInt8]) -> [UInt8] {
        let sequence = { (parts: [[UInt8]]) in TLVEncoder.element(.sequence, parts) }
        let sha256 = sequence([ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 1]).encoded])
        let hashes = dataGroups.map { number in
            sequence([[0x02, 0x01, number], TLVEncoder.element(.octetString, [UInt8](repeating: number, count: 32))])
        }
        let list = sequence([[0x02, 0x01, 0x00], sha256, sequence(hashes)])
        let content = sequence([
            ObjectIdentifier([2, 23, 136, 1, 1, 1]).encoded,
            TLVEncoder.element(0xA0, TLVEncoder.element(.octetString, list)),
        ])
        let issuer = sequence([sequence([]), [0x02, 0x01, 0x01]])
        let signer = sequence([
            [0x02, 0x01, 0x01], issuer, sha256, sha256,
            TLVEncoder.element(.octetString, [UInt8](repeating: 0, count: 64)),
        ])
        let signedData = sequence([
            [0x02, 0x01, 0x03], TLVEncoder.element(.set, sha256), content, TLVEncoder.element(.set, signer),
        ])
        let oid = ObjectIdentifier([1, 2, 840, 113_549, 1, 7, 2]).encoded
        return TLVEncoder.element(0x77, sequence([oid, TLVEncoder.element(0xA0, signedData)]))
    }
}
