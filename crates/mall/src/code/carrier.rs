//! 配送会社: who carries parcels, and whether their parcels have numbers (contract, section 5 "Carriers").

use super::codes;

codes! {
    /// 配送会社.
    Carrier {
        /// その他.
        Other = 1000, "その他";
        /// ヤマト運輸.
        Yamato = 1001, "ヤマト運輸";
        /// 佐川急便.
        Sagawa = 1002, "佐川急便";
        /// 日本郵便.
        JapanPost = 1003, "日本郵便";
        /// 西濃運輸.
        Seino = 1004, "西濃運輸";
        /// セイノースーパーエクスプレス.
        SeinoSuperExpress = 1005, "セイノースーパーエクスプレス";
        /// 福山通運.
        Fukuyama = 1006, "福山通運";
        /// 名鉄運輸.
        Meitetsu = 1007, "名鉄運輸";
        /// トナミ運輸.
        Tonami = 1008, "トナミ運輸";
        /// 第一貨物.
        Daiichi = 1009, "第一貨物";
        /// 新潟運輸.
        Niigata = 1010, "新潟運輸";
        /// 中越運送.
        Chuetsu = 1011, "中越運送";
        /// 岡山県貨物運送.
        Okayama = 1012, "岡山県貨物運送";
        /// 久留米運送.
        Kurume = 1013, "久留米運送";
        /// 山陽自動車運送.
        Sanyo = 1014, "山陽自動車運送";
        /// NXトランスポート.
        NxTransport = 1015, "NXトランスポート";
        /// エコ配.
        Ecohai = 1016, "エコ配";
        /// EMS.
        Ems = 1017, "EMS";
        /// DHL.
        Dhl = 1018, "DHL";
        /// FedEx.
        FedEx = 1019, "FedEx";
        /// UPS.
        Ups = 1020, "UPS";
        /// 日本通運.
        NipponExpress = 1021, "日本通運";
        /// TNT.
        Tnt = 1022, "TNT";
        /// OCS.
        Ocs = 1023, "OCS";
        /// USPS.
        Usps = 1024, "USPS";
        /// SFエクスプレス.
        SfExpress = 1025, "SFエクスプレス";
        /// Aramex.
        Aramex = 1026, "Aramex";
        /// SGHグローバル・ジャパン.
        SghGlobal = 1027, "SGHグローバル・ジャパン";
        /// Rakuten EXPRESS.
        RakutenExpress = 1028, "Rakuten EXPRESS";
        /// 日本郵便 楽天倉庫出荷.
        JapanPostWarehouse = 1029, "日本郵便 楽天倉庫出荷";
        /// ヤマト運輸 クロネコゆうパケット.
        KuronekoYuPacket = 1030, "ヤマト運輸 クロネコゆうパケット";
        /// 名鉄NX運輸.
        MeitetsuNx = 1031, "名鉄NX運輸";
    }
}

impl Carrier {
    /// Whether a shipping report needs the parcel's number: 追跡番号のある配送方法 (seed 002 "出荷報告必須").
    pub const fn tracks(self) -> bool {
        !matches!(self, Carrier::Other)
    }
}
