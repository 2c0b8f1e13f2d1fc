extension MachineReadableZone {
    /// Whether the zone's name is `fullName`, which has diacritics and its family name first.
    ///
    /// Where the zone cuts family from given names is not compared: Vietnamese family names have one word or two. A name
    /// that fills its field may have been cut there, or by leaving out words at the end and shortening any
    /// (Doc 9303-5, 4.2.3).
    public func nameAgrees(with fullName: String) -> Bool {
        guard let words = VietnameseName.words(of: fullName), let fullText = VietnameseName.transliterated(fullName)
        else { return false }
        let zoneWords = "\(primaryIdentifier) \(secondaryIdentifier)".split(separator: " ").map(String.init)
        guard isNameTruncated else {
            // A cut between two words leaves a filler at the end of the field.
            return zoneWords == fullText.prefix(format.nameLength).split(separator: "<").map(String.init)
        }
        return !zoneWords.isEmpty && zoneWords.count <= words.count
            && zip(zoneWords, words).allSatisfy { $1.hasPrefix($0) }
    }
}

extension MachineReadableZone.Format {
    /// Characters in the field of the name.
    var nameLength: Int { self == .td1 ? lineLength : lineLength - 5 }
}
