/// What invented people are put together from: common names, real provinces, made-up wards and districts.
enum CitizenNames {
    /// Repeated about as often as they occur.
    static let family = [
        "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng",
        "Huỳnh",
        "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh",
    ]
    static let maleMiddle = ["Văn", "Văn", "Hữu", "Đức", "Minh", "Quang", "Công", "Xuân", "Thành", "Ngọc Bảo"]
    static let femaleMiddle = ["Thị", "Thị", "Thị Thu", "Ngọc", "Thanh", "Mỹ", "Thị Hồng", "Khánh", "Diệu", "Thùy"]
    static let maleGiven = [
        "Anh", "Bình", "Cường", "Dũng", "Đạt", "Giang", "Hải", "Hiếu", "Hùng", "Khôi", "Long", "Minh", "Nam", "Phúc",
        "Quân", "Sơn", "Thắng", "Tuấn", "Việt", "Vượng",
    ]
    static let femaleGiven = [
        "An", "Ánh", "Châu", "Dung", "Hà", "Hạnh", "Hoa", "Hương", "Lan", "Linh", "Mai", "Nga", "Nhung", "Oanh",
        "Phương",
        "Quỳnh", "Thảo", "Trang", "Uyên", "Yến",
    ]
    static let ethnicities = ["Tày", "Thái", "Mường", "Khmer", "Hoa", "Nùng", "H'Mông", "Dao", "Gia Rai", "Ê Đê"]
    static let religions = ["Phật giáo", "Công giáo", "Cao Đài", "Hòa Hảo", "Tin Lành"]
    static let features = [
        "Nốt ruồi cách 1 cm trên đuôi mắt trái", "Sẹo chấm cách 2 cm dưới mép phải", "Nốt ruồi dưới cằm bên phải",
        "Sẹo cách 1,5 cm trên đuôi lông mày trái", "Không",
    ]
    static let wards = [
        "Phường Hoa Sen", "Phường Ánh Dương", "Phường Bằng Lăng", "Xã Suối Trong", "Xã Đồi Thông", "Xã Bến Nước",
        "Thị trấn Cầu Mây", "Phường Sao Khuê",
    ]
    static let districts = [
        "Quận Sao Mai", "Quận Bình Minh", "Huyện Sông Xanh", "Huyện Núi Đá", "Thị xã Cánh Diều", "Huyện Đồng Lúa",
    ]
    /// Places of birth registration with their codes in personal numbers.
    static let provinces: [(code: String, name: String)] = [
        ("001", "Hà Nội"), ("001", "Hà Nội"), ("079", "Hồ Chí Minh"), ("079", "Hồ Chí Minh"), ("031", "Hải Phòng"),
        ("048", "Đà Nẵng"), ("092", "Cần Thơ"), ("038", "Thanh Hóa"), ("040", "Nghệ An"), ("046", "Thừa Thiên Huế"),
        ("066", "Đắk Lắk"), ("075", "Đồng Nai"), ("022", "Quảng Ninh"), ("012", "Lai Châu"), ("096", "Cà Mau"),
    ]
}
