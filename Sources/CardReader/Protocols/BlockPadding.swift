/// ISO/IEC 9797-1, padding method 2: `80`, then as many `00` as fill the block.
enum BlockPadding {
    /// `data` with padding behind it; always at least one byte more.
    static func pad(_ data: [UInt8], to blockByteCount: Int) -> [UInt8] {
        let zeros = blockByteCount - 1 - data.count % blockByteCount
        return data + [0x80] + [UInt8](repeating: 0, count: zeros)
    }

    /// `data` without its padding; nil unless it is whole blocks and the padding is in the last of them.
    static func unpad(_ data: [UInt8], from blockByteCount: Int) -> [UInt8]? {
        guard !data.isEmpty, data.count.isMultiple(of: blockByteCount),
            let marker = data.lastIndex(where: { $0 != 0 }), data[marker] == 0x80,
            data.count - marker <= blockByteCount
        else { return nil }
        return Array(data[..<marker])
    }
}
