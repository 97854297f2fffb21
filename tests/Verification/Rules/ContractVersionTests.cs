using RedLeafSharp.Verification;
using Xunit;

namespace RedLeafSharp.Tests.Verification.Rules;

/// <summary>A binary says which contracts it was built against; one of another version is refused, by member.</summary>
public sealed class ContractVersionTests
{
    private const string User = "class C { IBlockDevice device; }";

    [Fact]
    public void Verify_PresentContracts_IsClean() =>
        Assert.Equal(string.Empty, VerifiedSource.Text(Verify(Contracts.ContractFingerprints.All)));

    [Fact]
    public void Verify_NothingRecorded_IsCheckedByStructureOnly() => Assert.True(VerifiedSource.Verify(User).IsClean);

    [Theory]
    [InlineData("IBlockDevice.Submit=", "IBlockDevice.Submit=0", "IBlockDevice.Submit differs")]
    [InlineData("IBlockDevice.Submit=", "IBlockDevice.Aged=", "IBlockDevice.Aged is not there any more")]
    public void Verify_AnotherVersion_NamesTheMember(string present, string recorded, string expected)
    {
        Assert.Contains(present, Contracts.ContractFingerprints.All, StringComparison.Ordinal);
        VerificationReport report = Verify(Contracts.ContractFingerprints.All.Replace(present, recorded, StringComparison.Ordinal));

        Violation found = Assert.Single(report.Violations);
        Assert.Equal("RL0407", found.Rule);
        Assert.Contains(expected, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_AnotherVersionOfAContractThatIsNotUsed_IsClean() => Assert.True(
        Verify(Contracts.ContractFingerprints.All.Replace("IFileSystem.", "IFileSystem.Older", StringComparison.Ordinal)).IsClean);

    private static VerificationReport Verify(string recorded) => VerifiedSource.Verify(
        $"[assembly: System.Reflection.AssemblyMetadata(\"RedLeafSharp.Contracts\", \"{recorded}\")] {User}");
}
