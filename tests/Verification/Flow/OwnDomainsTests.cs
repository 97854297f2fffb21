using Xunit;

namespace RedLeafSharp.Tests.Verification.Flow;

/// <summary>The domains of the system are what the interpretation must not refuse.</summary>
public sealed class OwnDomainsTests
{
    [Theory]
    [InlineData(typeof(RedLeafSharp.Drivers.Nvme.NvmeDomain))]
    [InlineData(typeof(RedLeafSharp.Domains.BlockShadow.BlockShadowDomain))]
    [InlineData(typeof(RedLeafSharp.Domains.Ext4.Ext4Domain))]
    [InlineData(typeof(RedLeafSharp.Posix.Personality.PersonalityDomain))]
    [InlineData(typeof(RedLeafSharp.Posix.Programs.CatProgram))]
    [InlineData(typeof(Mono.Cecil.AssemblyDefinition))]
    public void Assembly_ByTheCompiler_HasNoFinding(Type sample)
    {
        using var image = new FlowImage(File.ReadAllBytes(sample.Assembly.Location));

        Assert.Empty(image.Verify().Select(FlowImage.Describe));
    }
}
