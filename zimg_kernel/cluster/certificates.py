"""Certificates of a shared engine: made for it alone, for mutual TLS between its processes."""

from __future__ import annotations

import datetime
from pathlib import Path

from .private import write_private

_DAYS = 800
_RENEWED = 30  # days before the end
_PARTS = ("ca.pem", "cert.pem", "key.pem")


def certificate_files(folder: Path) -> tuple[Path, Path, Path]:
    """Return the files of the authority, the certificate and its key; they need not exist."""
    ca, cert, key = (folder / name for name in _PARTS)
    return ca, cert, key


def make_certificates(folder: Path) -> None:
    """Write an authority and a certificate unless they are there and good for a while.

    One certificate serves all processes, which are one user's. The authority's key is not kept,
    so that nothing else can be signed.

    Parameters
    ----------
    folder : Path
        The private folder of the engine.
    """
    files = certificate_files(folder)
    if all(file.is_file() for file in files) and _is_good(files[1]):
        return
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.now(datetime.UTC)

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def begun(subject: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        # RFC 5280, 4.2.1: what Python's VERIFY_X509_STRICT (on by default from 3.13) asks for.
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("zimg engine authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=_DAYS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), False
            )
        )

    def usage(signs: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=not signs, key_cert_sign=signs, crl_sign=signs,
            content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip

    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = (
        begun("zimg engine authority", authority)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(usage(signs=True), True)
        .sign(authority, hashes.SHA256())
    )
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    cert = (
        begun("zimg engine", own)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(usage(signs=False), True)
        .add_extension(x509.ExtendedKeyUsage(both), False)
        .sign(authority, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for file, data in zip(files, (ca.public_bytes(pem), cert.public_bytes(pem), key), strict=True):
        write_private(file, data)


def _is_good(file: Path) -> bool:
    from cryptography import x509

    try:
        cert = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        return False
    left = cert.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    return left > datetime.timedelta(days=_RENEWED)
