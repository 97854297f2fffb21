using System.Reflection;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>A driver that does not come back, in a whole system; and what contracts say of how long their calls may take.</summary>
public sealed class DeadlineTests
{
    [Fact]
    public void Driver_ThatWaitsForEverInsideACall_IsReplacedAndTheCopyIsRight()
    {
        using var system = new TestSystem(
            SystemDescription.Parse("test.yaml", """
                devices:
                  - {name: disk0, model: nvme}
                domains:
                  - {name: Nvme, device: disk0, callDeadlineMilliseconds: 500}
                  - {name: BlockShadow, shadows: Nvme}
                  - {name: Ext4, use: {IBlockDevice: BlockShadow}}
                  - {name: Personality, use: {IFileSystem: Ext4}}
                programs: [Programs]
                """),
            crashSites: true);
        Assert.Equal(0, system.Shell("seq 1 20000 > /a; sync").Status);
        system.System.TriggerOf("Nvme").Follow(new HangOnce());

        (int status, string output) = system.Shell("cp /a /b; sync; cmp /a /b && wc -l /b");

        Assert.Equal((0, true), (status, output.Contains("20000", StringComparison.Ordinal)));
        RestartRecord restart = Assert.Single(system.System.Restarts);
        Assert.Matches(@"^IBlockDevice\.\w+ has not answered for \d+ ms on thread .+, its deadline is 500 ms$", restart.Cause);
        Assert.Contains(system.Log, line => line.StartsWith($"204 \"Nvme\".1: died: \"IBlockDevice.", StringComparison.Ordinal));
        Assert.Contains("restart Nvme 2", system.Shell("cat /proc/faults").Output, StringComparison.Ordinal);
    }

    /// <summary>By the hash of its name alone a method is found again in a message.</summary>
    [Fact]
    public void Methods_OfEachContract_HaveHashesOfTheirOwn() => Assert.All(Contracts, contract =>
    {
        string[] names = [.. contract.GetMethods().Select(method => $"{contract.Name}.{method.Name}").Distinct()];
        Assert.Equal(names.Length, names.Select(CallTag.MethodHash).Distinct().Count());
        Assert.All(names, name => Assert.Contains(name, ContractCatalog.NameOfCall(CallTag.Of(name, 0)).Split(" or ")));
    });

    [Fact]
    public void MayTake_OfAllContracts_FitsTheEntryOfAChain() => Assert.All(
        Contracts.SelectMany(contract => contract.GetMethods().Cast<MemberInfo>().Append(contract))
            .Select(member => member.GetCustomAttribute<MayTakeAttribute>()).OfType<MayTakeAttribute>(),
        granted => Assert.InRange(granted.Seconds, 1, MayTakeAttribute.Forever));

    private static IEnumerable<Type> Contracts => typeof(IDomain).Assembly.GetTypes()
        .Where(type => type.IsInterface && type.IsDefined(typeof(DomainContractAttribute), inherit: false));

    /// <summary>At the hundredth statement of the driver from here on it begins to wait.</summary>
    private sealed class HangOnce : FaultScript
    {
        private int hits;

        internal override void OnHit(FaultTrigger trigger, int site)
        {
            if (++hits != 100)
            {
                return;
            }

            var context = new CallContext(ThreadContext.Current!);
            KernelEvent never = KernelEvent.Create(context);
            while (true)
            {
                never.Wait(context, 10_000_000);
            }
        }
    }
}
