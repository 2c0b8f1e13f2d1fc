import Document

/// Writes the data groups that hold the person, and EF.COM (Doc 9303-10, 4.6 and 4.7; the card's own DG13).
enum DataGroupWriter {
    /// EF.COM: the versions and the tags of the data groups present.
    static func common(dataGroups: [Int], ldsVersion: String, unicodeVersion: String) -> [UInt8] {
        let tags = dataGroups.compactMap { ElementaryFile.dataGroup($0)?.tag }.flatMap(\.encoded)
        return TLVEncoder.element(
            0x60,
            [
                TLVEncoder.element(0x5F01, Array(ldsVersion.utf8)),
                TLVEncoder.element(0x5F36, Array(unicodeVersion.utf8)),
                TLVEncoder.element(0x5C, tags),
            ])
    }

    /// DG1: the machine readable zone.
    static func dataGroup1(_ zone: String) -> [UInt8] {
        TLVEncoder.element(0x61, TLVEncoder.element(0x5F1F, Array(zone.utf8)))
    }

    /// DG3 of a chip that gives fingerprints to the State's terminals: here, no template and a random number that
    /// keeps its hash from telling so (Doc 9303-10, 4.7.3).
    static func dataGroup3(filler: [UInt8]) -> [UInt8] { TLVEncoder.element(0x63, noTemplate(filler)) }

    /// DG4, of irises, in the same way.
    static func dataGroup4(filler: [UInt8]) -> [UInt8] { TLVEncoder.element(0x76, noTemplate(filler)) }

    private static func noTemplate(_ filler: [UInt8]) -> [UInt8] {
        TLVEncoder.element(0x7F61, [DER.integer(0), TLVEncoder.element(0x53, filler)])
    }

    /// DG15: the public key of active authentication.
    static func dataGroup15(_ subjectPublicKeyInfo: [UInt8]) -> [UInt8] {
        TLVEncoder.element(0x6F, subjectPublicKeyInfo)
    }

    /// DG13: the card's own fields in a SET under version and character set.
    static func dataGroup13(_ citizen: Citizen) -> [UInt8] {
        let fields: [(UInt64, [UInt8]?)] = [
            (1, DER.printableString(citizen.personalNumber.text)),
            (2, DER.utf8String(citizen.fullName)),
            (3, DER.printableString(Citizen.printed(citizen.birthDate))),
            (4, DER.utf8String(citizen.sexText)),
            (5, DER.utf8String(citizen.nationality)),
            (6, DER.utf8String(citizen.ethnicity)),
            (7, DER.utf8String(citizen.religion)),
            (8, DER.utf8String(citizen.placeOfOrigin)),
            (9, DER.utf8String(citizen.residence)),
            (10, DER.utf8String(citizen.identifyingFeatures)),
            (11, DER.printableString(Citizen.printed(citizen.issueDate))),
            (
                12,
                citizen.expiryDate.map { DER.printableString(Citizen.printed($0)) } ?? DER.utf8String("Không thời hạn")
            ),
            (13, DER.sequence([DER.utf8String(citizen.fatherName), DER.utf8String(citizen.motherName)])),
            (14, citizen.spouseName.map { DER.sequence([DER.utf8String($0)]) }),
            (15, citizen.oldNumber.map(DER.printableString)),
            (16, citizen.chipSerial.map(DER.printableString)),
        ]
        let encoded = fields.compactMap { number, value in value.map { DER.sequence([DER.integer(number), $0]) } }
        // The card keeps the fields in the order of their numbers, which is not DER's order for a SET OF.
        let set = TLVEncoder.element(.set, encoded)
        let unicode = ObjectIdentifier([1, 0, 10646, 1, 0, 8]).encoded
        return TLVEncoder.element(0x6D, DER.sequence([DER.integer(1), unicode, set]))
    }
}
