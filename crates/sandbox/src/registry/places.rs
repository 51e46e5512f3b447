//! Districts that made-up addresses lie in: INEI's code, district, province, department.
//!
//! Left out: the other 1,800; these are spread over every department, which is enough to exercise whoever reads them.

/// Code, district, province, department.
pub(super) type Place = (&'static str, &'static str, &'static str, &'static str);

pub(super) const PLACES: &[Place] = &[
    ("150101", "LIMA", "LIMA", "LIMA"),
    ("150103", "ATE", "LIMA", "LIMA"),
    ("150115", "LA VICTORIA", "LIMA", "LIMA"),
    ("150117", "LOS OLIVOS", "LIMA", "LIMA"),
    ("150122", "MIRAFLORES", "LIMA", "LIMA"),
    ("150130", "SAN BORJA", "LIMA", "LIMA"),
    ("150131", "SAN ISIDRO", "LIMA", "LIMA"),
    ("150132", "SAN JUAN DE LURIGANCHO", "LIMA", "LIMA"),
    ("150140", "SANTIAGO DE SURCO", "LIMA", "LIMA"),
    ("150142", "VILLA EL SALVADOR", "LIMA", "LIMA"),
    ("010101", "CHACHAPOYAS", "CHACHAPOYAS", "AMAZONAS"),
    ("020101", "HUARAZ", "HUARAZ", "ANCASH"),
    ("021801", "CHIMBOTE", "SANTA", "ANCASH"),
    ("030101", "ABANCAY", "ABANCAY", "APURIMAC"),
    ("040101", "AREQUIPA", "AREQUIPA", "AREQUIPA"),
    ("040103", "CAYMA", "AREQUIPA", "AREQUIPA"),
    ("040129", "JOSE LUIS BUSTAMANTE Y RIVERO", "AREQUIPA", "AREQUIPA"),
    ("050101", "AYACUCHO", "HUAMANGA", "AYACUCHO"),
    ("060101", "CAJAMARCA", "CAJAMARCA", "CAJAMARCA"),
    ("070101", "CALLAO", "CALLAO", "CALLAO"),
    ("080101", "CUSCO", "CUSCO", "CUSCO"),
    ("080108", "WANCHAQ", "CUSCO", "CUSCO"),
    ("090101", "HUANCAVELICA", "HUANCAVELICA", "HUANCAVELICA"),
    ("100101", "HUANUCO", "HUANUCO", "HUANUCO"),
    ("110101", "ICA", "ICA", "ICA"),
    ("120101", "HUANCAYO", "HUANCAYO", "JUNIN"),
    ("120114", "EL TAMBO", "HUANCAYO", "JUNIN"),
    ("130101", "TRUJILLO", "TRUJILLO", "LA LIBERTAD"),
    ("140101", "CHICLAYO", "CHICLAYO", "LAMBAYEQUE"),
    ("160101", "IQUITOS", "MAYNAS", "LORETO"),
    ("170101", "TAMBOPATA", "TAMBOPATA", "MADRE DE DIOS"),
    ("180101", "MOQUEGUA", "MARISCAL NIETO", "MOQUEGUA"),
    ("190101", "CHAUPIMARCA", "PASCO", "PASCO"),
    ("200101", "PIURA", "PIURA", "PIURA"),
    ("210101", "PUNO", "PUNO", "PUNO"),
    ("211101", "JULIACA", "SAN ROMAN", "PUNO"),
    ("220901", "TARAPOTO", "SAN MARTIN", "SAN MARTIN"),
    ("230101", "TACNA", "TACNA", "TACNA"),
    ("240101", "TUMBES", "TUMBES", "TUMBES"),
    ("250101", "CALLERIA", "CORONEL PORTILLO", "UCAYALI"),
];
