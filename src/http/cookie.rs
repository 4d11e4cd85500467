//! Names of cookies that load balancers and CDNs set by themselves.
//!
//! Only that such a cookie is there is told, in the name that its product gives it: the rest of a name may
//! hold the name of a server, and a value holds what nobody else may see.

/// The names, and whether more may follow in the name itself.
const KNOWN: [(&str, bool); 17] = [
    ("AWSALB", false),
    ("AWSALBCORS", false),
    ("AWSALBTG", false),
    ("AWSALBTGCORS", false),
    ("AWSALBAPP-", true),
    ("AWSELB", false),
    ("AWSELBCORS", false),
    ("__cf_bm", false),
    ("__cflb", false),
    ("__cfruid", false),
    ("GCLB", false),
    ("GCILB", false),
    ("ARRAffinity", false),
    ("ARRAffinitySameSite", false),
    ("ApplicationGatewayAffinity", false),
    ("ApplicationGatewayAffinityCORS", false),
    ("BIGipServer", true),
];

/// The known names in the value of a `Cookie` field, or in that of a `Set-Cookie` field.
pub(super) fn known(value: &[u8], is_set: bool) -> impl Iterator<Item = &'static str> {
    // What follows the first `;` of a Set-Cookie is attributes (RFC 6265 §4.1.1).
    let shown = if is_set { 1 } else { usize::MAX };
    value.split(|byte| *byte == b';').take(shown).filter_map(|pair| {
        let name = pair.split(|byte| *byte == b'=').next()?.trim_ascii();
        KNOWN.iter().find_map(|&(known, open)| {
            let fits = name == known.as_bytes() || (open && name.starts_with(known.as_bytes()));
            fits.then_some(known)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_nothing_else() {
        let of = |value: &str, is_set| known(value.as_bytes(), is_set).collect::<Vec<_>>();
        assert_eq!(of("sid=1; AWSALB=abc/+=; theme=AWSELB; __cf_bm=x", false), ["AWSALB", "__cf_bm"]);
        assert_eq!(of("AWSALBCORS=abc; Path=/; GCLB=1", true), ["AWSALBCORS"]);
        assert_eq!(of("BIGipServer~Common~pool-of-secrets=1.2.3", true), ["BIGipServer"]);
        assert_eq!(of("AWSALBX=1; awsalb=1; =AWSALB; AWSALB2; ;;", false), [""; 0]);
    }
}
