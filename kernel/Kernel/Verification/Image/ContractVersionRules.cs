using System.Reflection;
using System.Reflection.Metadata;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// Compares the contracts that an image was built against with those of this kernel, member by member. The image says it in an
/// AssemblyMetadata attribute; one that says nothing is held to what metadata shows, and a changed layout goes unnoticed.
/// </summary>
internal static class ContractVersionRules
{
    /// <summary>The key of the attribute.</summary>
    internal const string Key = "RedLeafSharp.Contracts";

    private static readonly Dictionary<string, string> Present = Parse(PresentText());

    /// <exception cref="BadImageFormatException">Metadata is damaged.</exception>
    internal static void Check(ImageFile file)
    {
        if (Recorded(file) is not { } recorded)
        {
            return;
        }

        if (recorded.Length > VerificationLimits.FingerprintCharactersMax)
        {
            throw new BadImageFormatException("the record of contracts is too long");
        }

        Dictionary<string, string> then = Parse(recorded);
        foreach (string contract in ContractsOf(file))
        {
            foreach (string member in Present.Keys.Union(then.Keys).Where(one => IsOf(one, contract)).Order(StringComparer.Ordinal))
            {
                if (Present.GetValueOrDefault(member) != then.GetValueOrDefault(member))
                {
                    string what = !Present.ContainsKey(member) ? "is not there any more" : then.ContainsKey(member) ? "differs" : "is new";
                    file.Log.Add(RuleId.ContractVersion, contract, $"built against another version of {contract}: {member} {what}; build again");
                }
            }
        }
    }

    private static bool IsOf(string member, string contract) =>
        member.Length > contract.Length && member[contract.Length] == '.' && member.StartsWith(contract, StringComparison.Ordinal);

    private static string PresentText() => (string)typeof(IDomain).Assembly
        .GetType("RedLeafSharp.Contracts.ContractFingerprints", throwOnError: true)!
        .GetField("All", BindingFlags.Public | BindingFlags.Static)!.GetRawConstantValue()!;

    /// <summary><c>IName.Member=hash;</c>, overloads of one name taken together.</summary>
    private static Dictionary<string, string> Parse(string text)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string entry in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split('=', 2);
            members[parts[0]] = members.GetValueOrDefault(parts[0]) + parts[^1];
        }

        return members;
    }

    private static IEnumerable<string> ContractsOf(ImageFile file)
    {
        foreach (TypeReferenceHandle handle in file.Metadata.TypeReferences)
        {
            TypeReference reference = file.Metadata.GetTypeReference(handle);
            if (file.Metadata.StringComparer.Equals(reference.Namespace, "RedLeafSharp.Contracts"))
            {
                yield return file.Metadata.GetString(reference.Name);
            }
        }
    }

    private static string? Recorded(ImageFile file)
    {
        foreach (CustomAttributeHandle handle in file.Metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            CustomAttribute attribute = file.Metadata.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind == HandleKind.MemberReference
                && file.NameOf(file.Metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent)
                    == "System.Reflection.AssemblyMetadataAttribute")
            {
                // ECMA-335 II.23.3: a prolog of two bytes, then the arguments.
                BlobReader blob = file.Metadata.GetBlobReader(attribute.Value);
                _ = blob.ReadUInt16();
                if (blob.ReadSerializedString() == Key)
                {
                    return blob.ReadSerializedString();
                }
            }
        }

        return null;
    }
}
