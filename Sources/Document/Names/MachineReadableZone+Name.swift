extension MachineReadableZone {
    /// Whether the zone's name is `fullName`, which has diacritics and its family name first.
    ///
    /// Where the zone cuts family from given names is not compared: Vietnamese family names have one word or two. A name
    /// that fills its field may have been cut, by leaving out words at the end or shortening any (Doc 9303-3, 4.6).
    public func nameAgrees(with fullName: String) -> Bool {
        guard let words = VietnameseName.words(of: fullName) else { return false }
        let zoneWords = "\(primaryIdentifier) \(secondaryIdentifier)".split(separator: " ").map(String.init)
        guard isNameTruncated else { return zoneWords == words }
        return !zoneWords.isEmpty && zoneWords.count <= words.count
            && zip(zoneWords, words).allSatisfy { $1.hasPrefix($0) }
    }
}
