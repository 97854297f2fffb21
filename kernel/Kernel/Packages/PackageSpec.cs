namespace RedLeafSharp.Packages;

/// <summary>The form of domain.sig, and its bounds. docs/packages.md has an example.</summary>
internal static class PackageSpec
{
    /// <summary>Name of the signature beside the files that it signs.</summary>
    internal const string FileName = "domain.sig";

    /// <summary>The first line; another version is another form.</summary>
    internal const string Header = "redleaf-package: 1";

    internal const string KeyField = "key: ";

    internal const string FilesField = "files:";

    internal const string FileIndent = "  ";

    internal const string SignatureField = "signature: ";

    /// <summary>A domain has three files; more than this is no domain folder.</summary>
    internal const int FilesMax = 32;

    /// <summary>Thirty-two files with the longest names there are take a third.</summary>
    internal const int CharactersMax = 32 << 10;

    /// <summary>Keys that one system trusts.</summary>
    internal const int KeysMax = 64;

    /// <summary>A P-256 key takes 178 characters as PEM.</summary>
    internal const int KeyCharactersMax = 4 << 10;

    /// <summary>Hexadecimal digits of a SHA-256 (FIPS 180-4).</summary>
    internal const int HashDigits = 64;
}
