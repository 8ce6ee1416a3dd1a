/**
 * Techniques of MITRE ATT&CK (enterprise matrix) that a session at a shell or against a cloud's API
 * can show, by their ids; a model may name no other.
 */
export const TECHNIQUES = [
  ...["T1003", "T1005", "T1007", "T1016", "T1018", "T1021", "T1027", "T1033", "T1036"] as const,
  ...["T1037", "T1040", "T1046", "T1048", "T1049", "T1053", "T1057", "T1059", "T1068"] as const,
  ...["T1069", "T1070", "T1071", "T1072", "T1074", "T1078", "T1082", "T1083", "T1087"] as const,
  ...["T1090", "T1098", "T1105", "T1110", "T1119", "T1129", "T1133", "T1135", "T1136"] as const,
  ...["T1140", "T1190", "T1195", "T1201", "T1217", "T1222", "T1484", "T1485", "T1486"] as const,
  ...["T1489", "T1490", "T1496", "T1497", "T1526", "T1528", "T1530", "T1531", "T1537"] as const,
  ...["T1538", "T1543", "T1546", "T1547", "T1548", "T1550", "T1552", "T1555", "T1556"] as const,
  ...["T1558", "T1560", "T1562", "T1567", "T1569", "T1570", "T1571", "T1572", "T1578"] as const,
  ...["T1580", "T1602", "T1609", "T1610", "T1611", "T1613", "T1619", "T1621", "T1648"] as const,
  ...["T1651", "T1654"] as const,
];
