/** The code of an error of Node: an authority that is not known here issued the certificate. */
export const UNKNOWN_AUTHORITY =
  /\b(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;

export const NAME_AUTHORITY =
  "name the file with the authority's certificate in NODE_EXTRA_CA_CERTS, and restart";
