/// What each check's reasons mean, in Vietnamese.
extension VietnameseWording {
    static func sentence(_ check: CheckIdentifier, _ reason: CheckReason) -> String {
        switch reason {
        case .ok: passed(check)
        case .prerequisiteFailed: unsettled(check)

        case .noSecurityObject: "Không có tệp EF.SOD nên không biết ai đã ký dữ liệu"
        case .malformedSecurityObject: "Tệp EF.SOD sai cấu trúc"
        case .wrongContentType: "Nội dung được ký trong EF.SOD không phải là danh sách giá trị băm của các nhóm dữ liệu"
        case .contentTypeAttributeMismatch: "Thuộc tính được ký ghi một loại nội dung khác với nội dung thực tế"
        case .incompleteSignedAttributes: "Thuộc tính được ký thiếu loại nội dung hoặc giá trị băm"
        case .noSignedAttributes: "Không có thuộc tính được ký: chữ ký được tạo trực tiếp trên nội dung"
        case .messageDigestMismatch: "Giá trị băm đã ký không khớp với nội dung: danh sách giá trị băm đã bị sửa đổi"
        case .unsupportedAlgorithm: unsupported(check)
        case .wrongSignature: "Chữ ký không phải của bên ký: dữ liệu đã bị sửa đổi hoặc do người khác ký"
        case .okWithRemarks: "Thông tin về chủ thẻ ở mọi nơi đều thống nhất, nhưng có điểm ít gặp trong dữ liệu"
        case .okWithTolerances:
            switch check {
            case .sodSignature: "Chữ ký đúng là của bên ký, cách ghi có sai khác vô hại so với tiêu chuẩn"
            case .signerChain: "CSCA tin cậy đã cấp chứng thư số cho bên ký; cách ghi tên bên cấp có sai khác vô hại"
            default: "EF.SOD đúng cấu trúc, chỉ có sai khác vô hại so với quy tắc mã hóa DER"
            }

        case .signerCertificateMissing:
            switch check {
            case .sodSignature: "Không kiểm tra được chữ ký: không có chứng thư số nào ứng với bên ký"
            case .signerValidity: "Không có chứng thư số của bên ký để xét thời hạn"
            case .signerUsage: "Không có chứng thư số của bên ký để xét mục đích sử dụng"
            case .signerRevocation: "Không có chứng thư số của bên ký để xét việc thu hồi"
            default: "Không có chứng thư số của bên ký để tìm bên cấp"
            }
        case .unusableSignerCertificate:
            switch check {
            case .signerValidity: "Thời hạn sử dụng khóa trong chứng thư số của bên ký ghi sai quy cách"
            case .signerUsage: "Phần mở rộng trong chứng thư số của bên ký sai quy cách hoặc mâu thuẫn nhau"
            default: "Khóa trong chứng thư số của bên ký sai quy cách hoặc không được phép sử dụng"
            }
        case .noTrustAnchors: "Máy này chưa có chứng thư số của tổ chức chứng thực gốc quốc gia (CSCA) nào được tin cậy"
        case .unknownIssuer: "Không có CSCA tin cậy nào mang tên bên đã cấp chứng thư số cho bên ký"
        case .notIssuedByTrustedKey:
            "Có CSCA tin cậy trùng tên bên cấp, nhưng khóa của CSCA đó không ký chứng thư số của bên ký"
        case .selfSignedSigner: "Chứng thư số của bên ký do chính bên ký tự cấp, không có ai bảo đảm"
        case .signerNotYetValid: "Chứng thư số của bên ký chưa có hiệu lực"
        case .signerExpired: "Chứng thư số của bên ký đã hết hiệu lực"
        case .anchorNotYetValid: "Chứng thư số của CSCA chưa có hiệu lực"
        case .anchorExpired: "Chứng thư số của CSCA đã hết hiệu lực"
        case .signedOutsideValidity: "Chữ ký được tạo ngoài thời hạn hiệu lực của chứng thư số của bên ký"
        case .signedOutsideKeyUsagePeriod: "Chữ ký được tạo ngoài thời gian được phép sử dụng khóa của bên ký"
        case .issuedOutsideKeyUsagePeriod: "Thẻ được cấp ngoài thời gian được phép sử dụng khóa của bên ký"
        case .signerUsageMismatch: "Chứng thư số của bên ký không dùng để ký giấy tờ"
        case .signerIsAuthority: "Chứng thư số của bên ký là của tổ chức chứng thực, không được dùng để ký giấy tờ"
        case .anchorUsageMismatch: "Chứng thư số của CSCA không dùng để cấp chứng thư số"
        case .documentTypeMismatch: "Chứng thư số của bên ký không dùng cho loại giấy tờ này"
        case .countryMismatch: "Giấy tờ, bên ký và CSCA không thuộc cùng một quốc gia"
        case .noRevocationList:
            "Không có danh sách thu hồi của CSCA nên không phát hiện được chứng thư số đã bị thu hồi"
        case .staleRevocationList:
            "Chứng thư số không có trong danh sách thu hồi gần nhất, nhưng danh sách này đã quá hạn cập nhật"
        case .signerRevoked: "Chứng thư số của bên ký đã bị CSCA thu hồi"
        case .anchorRevoked: "Chứng thư số của CSCA đã bị thu hồi"
        case .weakAlgorithm: "Khóa hoặc hàm băm yếu hơn mức yêu cầu"

        case .noDataGroups: "Chưa đọc nhóm dữ liệu nào nên không có gì để đối chiếu với giá trị băm đã ký"
        case .hashMismatch: mismatched(check)
        case .notListed: "Có nhóm dữ liệu không nằm trong danh sách của EF.SOD, tức là không được ký"
        case .notRead:
            switch check {
            case .chipAuthentication: "Chưa đọc DG14 là nơi chứa khóa của chip"
            case .chipActiveAuthentication: "Chưa đọc DG15 là nơi chứa khóa của chip"
            case .chipDowngrade:
                "Chưa đọc DG14 là nơi ghi các giao thức chip hỗ trợ, hoặc DG14 không khớp với dữ liệu đã ký"
            default: "Có nhóm dữ liệu trong danh sách của EF.SOD chưa được đọc"
            }
        case .noIndex: "Chưa đọc tệp EF.COM"
        case .malformedIndex: "Tệp EF.COM sai cấu trúc"
        case .indexMismatch: "EF.COM liệt kê các nhóm dữ liệu khác với danh sách đã ký"

        case .notSupportedByChip:
            switch check {
            case .chipAuthentication: "Chip không có khóa để xác thực chip"
            case .chipActiveAuthentication: "Chip không có khóa để xác thực chủ động"
            default: "Dữ liệu đã ký không công bố giao thức truy cập nào có thể bị che giấu"
            }
        case .noProof:
            check == .chipActiveAuthentication
                ? "Chưa yêu cầu chip ký số nên chip có thể là bản sao"
                : "Chưa yêu cầu chip chứng minh khóa nên chip có thể là bản sao"
        case .chipRefused:
            check == .chipActiveAuthentication
                ? "Chip từ chối ký số, mặc dù lẽ ra phải có khóa để ký"
                : "Chip từ chối xác thực, mặc dù lẽ ra phải có khóa để xác thực"
        case .wrongProof:
            check == .chipActiveAuthentication
                ? "Chữ ký của chip không ứng với khóa đã được ký: chip là bản sao"
                : "Câu trả lời của chip không ứng với khóa đã được ký: chip là bản sao"
        case .keyNotSigned: "Khóa mà chip đã dùng không phải là khóa được Nhà nước ký"
        case .noCardAccess: "Chưa đọc EF.CardAccess nên không biết chip đã chào những giao thức nào"
        case .malformedSecurityInfos:
            switch check {
            case .chipAuthentication: "DG14 là nơi chứa khóa của chip sai cấu trúc"
            case .chipActiveAuthentication: "DG15 là nơi chứa khóa của chip sai cấu trúc"
            case .chipCardSecurity: "Tệp EF.CardSecurity không đúng cấu trúc"
            default: "EF.CardAccess hoặc DG14 sai cấu trúc"
            }
        case .noCardSecurity: "Chưa đọc EF.CardSecurity; không có bằng chứng nào về chip dựa vào tệp này"
        case .cardSecurityNotSigned: "EF.CardSecurity là nơi chứa khóa của chip không được ký đúng quy định"
        case .fellBackToBasicAccessControl: "Chip có chào PACE nhưng được mở bằng BAC là giao thức yếu hơn"
        case .downgraded: "Có yếu tố nằm giữa đầu đọc và chip đã che giấu giao thức truy cập mà chip hỗ trợ"

        case .noData:
            check == .documentExpiry
                ? "Không có tệp nào đã đọc ghi thời hạn sử dụng của thẻ"
                : "Chưa đọc DG1 và DG13 nên không có gì để đối chiếu"
        case .malformedData: "Tệp chứa thông tin chủ thẻ sai cấu trúc"
        case .contradiction: "Thông tin về chủ thẻ ở các nơi không khớp nhau"
        case .wrongCheckDigit: "Vùng đọc được bằng máy (MRZ) có số kiểm tra sai"
        case .expired: "Thẻ đã quá ngày hết hạn"
        case .noExpiry: "Thẻ không có thời hạn"
        case .notAsked: "Chưa tra cứu xem thẻ có được báo mất hay không"
        case .reportedLost: "Thẻ đã được báo mất"
        }
    }

    private static func passed(_ check: CheckIdentifier) -> String {
        switch check {
        case .sodStructure: "Tệp EF.SOD đúng cấu trúc"
        case .sodMessageDigest: "Giá trị băm đã ký khớp với nội dung"
        case .sodSignature: "Chữ ký đúng là của bên ký"
        case .signerChain: "CSCA tin cậy đã cấp chứng thư số cho bên ký"
        case .signerValidity: "Cả hai chứng thư số đều có hiệu lực tại thời điểm cần thiết"
        case .signerUsage: "Cả hai chứng thư số đúng mục đích, đúng quốc gia và đúng loại giấy tờ"
        case .signerRevocation: "Không chứng thư số nào có trong danh sách thu hồi hiện hành của CSCA"
        case .signerStrength: "Các khóa và hàm băm đều đủ mạnh"
        case .dataGroupsHash: "Mọi nhóm dữ liệu đã đọc đều đúng như khi được ký"
        case .dataGroupsComplete: "Đã đọc mọi nhóm dữ liệu được ký"
        case .dataGroupsIndex: "EF.COM liệt kê đúng các nhóm dữ liệu được ký"
        case .chipAuthentication: "Chip đã chứng minh có giữ khóa được ký: chip là bản gốc"
        case .chipActiveAuthentication: "Chip đã ký bằng khóa được ký: chip là bản gốc"
        case .chipCardSecurity: "Bên ký được CSCA tin cậy bảo đảm đã ký EF.CardSecurity"
        case .chipDowngrade: "Chip đã chào đủ các giao thức truy cập mà dữ liệu đã ký công bố"
        case .holderConsistency: "Thông tin về chủ thẻ ở mọi nơi đều thống nhất"
        case .documentExpiry: "Thẻ còn thời hạn sử dụng"
        case .documentLost: "Thẻ không bị báo mất"
        }
    }

    private static func unsettled(_ check: CheckIdentifier) -> String {
        switch check {
        case .sodMessageDigest: "Chưa xét được giá trị băm đã ký vì EF.SOD không cho biết bên ký"
        case .sodSignature: "Chưa xét được chữ ký vì EF.SOD không cho biết bên ký"
        case .signerChain: "Chưa tìm được bên cấp chứng thư số vì EF.SOD không cho biết bên ký"
        case .signerValidity: "Chưa xét được chứng thư số của CSCA vì không có CSCA tin cậy nào bảo đảm cho bên ký này"
        case .signerUsage: "Chưa xét được mục đích sử dụng của CSCA vì không có CSCA tin cậy nào bảo đảm cho bên ký này"
        case .signerRevocation: "Chưa chọn được danh sách thu hồi vì không có CSCA tin cậy nào bảo đảm cho bên ký này"
        case .signerStrength: "Chưa xét được thuật toán vì không biết khóa hoặc cách ký của bên ký"
        case .dataGroupsHash: "Chưa đối chiếu được các nhóm dữ liệu vì EF.SOD không cho giá trị băm"
        case .dataGroupsComplete: "Không biết phải đọc những gì vì EF.SOD không cho danh sách"
        case .dataGroupsIndex: "Chưa đối chiếu được EF.COM vì EF.SOD không cho danh sách"
        case .chipAuthentication: "Không biết khóa xác thực chip vì EF.SOD không cho giá trị băm"
        case .chipActiveAuthentication: "Không biết khóa xác thực chủ động vì EF.SOD không cho giá trị băm"
        case .chipCardSecurity:
            "Chưa xác định được bên ký EF.CardSecurity vì thiếu CSCA tin cậy hoặc thiếu chứng thư số của bên ký"
        case .chipDowngrade: "Không biết chip hỗ trợ những gì vì EF.SOD không cho giá trị băm"
        case .sodStructure, .holderConsistency, .documentExpiry, .documentLost: "Nội dung kiểm tra trước đó không đạt"
        }
    }

    private static func unsupported(_ check: CheckIdentifier) -> String {
        switch check {
        case .sodStructure: "Các nhóm dữ liệu được băm bằng thuật toán không xác định"
        case .sodMessageDigest: "Nội dung được băm bằng thuật toán không xác định"
        case .sodSignature: "Chữ ký được tạo bằng thuật toán không xác định"
        case .chipAuthentication: "Chip xác thực theo cách chưa được hỗ trợ"
        case .chipActiveAuthentication: "Chip ký bằng thuật toán chưa được hỗ trợ"
        default: "Có thuật toán không xác định"
        }
    }

    private static func mismatched(_ check: CheckIdentifier) -> String {
        switch check {
        case .chipAuthentication: "DG14 là nơi chứa khóa của chip không khớp với dữ liệu đã ký"
        case .chipActiveAuthentication: "DG15 là nơi chứa khóa của chip không khớp với dữ liệu đã ký"
        default: "Có nhóm dữ liệu không khớp với dữ liệu đã ký: dữ liệu đã bị sửa đổi"
        }
    }
}
