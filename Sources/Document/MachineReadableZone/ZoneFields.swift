extension MachineReadableZone {
    /// The lines of a zone, addressed as the standard does: lines and positions count from 1.
    struct Zone {
        let format: Format
        private let characters: [UInt8]

        init(_ characters: [UInt8]) throws(DocumentError) {
            guard let format = Format.allCases.first(where: { $0.lineLength * $0.lineCount == characters.count }) else {
                throw .invalidValue(
                    field: "machine readable zone",
                    reason: "it has \(characters.count) characters instead of 90, 72 or 88")
            }
            guard CheckDigit.digit(over: String(decoding: characters, as: UTF8.self)) != nil else {
                throw .invalidValue(
                    field: "machine readable zone", reason: "it has characters other than A to Z, 0 to 9 and <")
            }
            self.format = format
            self.characters = characters
        }

        /// The characters at `positions` of `line`; none where the zone has no such place.
        func text(_ line: Int, _ positions: ClosedRange<Int>) -> String {
            let start = (line - 1) * format.lineLength
            let places = (start + positions.lowerBound - 1..<start + positions.upperBound).clamped(
                to: characters.indices)
            return String(decoding: characters[places], as: UTF8.self)
        }

        func text(_ place: Place) -> String { text(place.line, place.positions) }
    }

    /// Where a field stands.
    struct Place {
        let line: Int
        let positions: ClosedRange<Int>

        init(_ line: Int, _ positions: ClosedRange<Int>) {
            self.line = line
            self.positions = positions
        }
    }

    /// A document number, and how much of the first optional field it takes with its check digit and a filler.
    struct SplitNumber {
        let number: String
        let checkDigit: String
        let optionalCount: Int
    }

    /// Where the fields of a format stand. A check digit stands right behind the field that it is over.
    struct Fields {
        let number: Place
        let birthDate: Place
        let sex: Place
        let expiryDate: Place
        let nationality: Place
        let name: Place
        let optionalData: [Place]
        /// What the composite check digit is over, which is the last character of the second line.
        let composite: [Place]
        let compositeDigit: Place

        init(_ zone: Zone) {
            switch zone.format {
            case .td1:
                number = Place(1, 6...14)
                optionalData = [Place(1, 16...30), Place(2, 19...29)]
                birthDate = Place(2, 1...6)
                sex = Place(2, 8...8)
                expiryDate = Place(2, 9...14)
                nationality = Place(2, 16...18)
                name = Place(3, 1...30)
                composite = [Place(1, 6...30), Place(2, 1...7), Place(2, 9...15), Place(2, 19...29)]
                compositeDigit = Place(2, 30...30)
            case .td2, .td3:
                let last = zone.format.lineLength
                number = Place(2, 1...9)
                nationality = Place(2, 11...13)
                birthDate = Place(2, 14...19)
                sex = Place(2, 21...21)
                expiryDate = Place(2, 22...27)
                optionalData = [Place(2, 29...(zone.format == .td2 ? 35 : 42))]
                name = Place(1, 6...last)
                composite = [Place(2, 1...10), Place(2, 14...20), Place(2, 22...last - 1)]
                compositeDigit = Place(2, last...last)
            }
        }

        /// The document number. Where it has more than nine characters a filler stands for its check digit, and the rest
        /// of it, the check digit and a filler begin the optional data (Doc 9303-5, 4.2.2, note j; -6, 4.2.2, note j).
        func documentNumber(in zone: Zone) -> SplitNumber {
            let head = zone.text(number)
            let digit = zone.text(checkDigit(behind: number))
            guard digit == "<", zone.format != .td3, let first = optionalData.first else {
                return SplitNumber(number: head.withoutFillersBehind, checkDigit: digit, optionalCount: 0)
            }
            let tail = zone.text(first).prefix { $0 != "<" }
            guard tail.count >= 2 else {
                return SplitNumber(number: head.withoutFillersBehind, checkDigit: digit, optionalCount: 0)
            }
            return SplitNumber(
                number: head + tail.dropLast(), checkDigit: String(tail.suffix(1)), optionalCount: tail.count + 1)
        }

        func optionalData(in zone: Zone, behind split: SplitNumber) -> [String] {
            optionalData.enumerated().map { index, place in
                String(zone.text(place).dropFirst(index == 0 ? split.optionalCount : 0)).withoutFillersBehind
            }
        }

        func failedCheckDigits(in zone: Zone, number split: SplitNumber) -> [CheckedField] {
            var failed: [CheckedField] = []
            func check(_ field: CheckedField, _ text: String, _ digit: String) {
                if CheckDigit.digit(over: text).map(String.init) != digit { failed.append(field) }
            }
            check(.documentNumber, split.number, split.checkDigit)
            check(.birthDate, zone.text(birthDate), zone.text(checkDigit(behind: birthDate)))
            check(.expiryDate, zone.text(expiryDate), zone.text(checkDigit(behind: expiryDate)))
            if zone.format == .td3, let place = optionalData.first {
                let text = zone.text(place)
                let digit = zone.text(checkDigit(behind: place))
                // Where the field is empty a filler may stand for its check digit (Doc 9303-4, 4.2.2).
                if digit != "<" || !text.withoutFillersBehind.isEmpty { check(.optionalData, text, digit) }
            }
            check(.composite, composite.map { zone.text($0) }.joined(), zone.text(compositeDigit))
            return failed
        }

        private func checkDigit(behind place: Place) -> Place {
            Place(place.line, place.positions.upperBound + 1...place.positions.upperBound + 1)
        }
    }
}

extension String {
    /// The characters of a field up to the fillers that it ends with.
    var withoutFillersBehind: String {
        String(decoding: Array(utf8.reversed().drop { $0 == UInt8(ascii: "<") }.reversed()), as: UTF8.self)
    }
}
