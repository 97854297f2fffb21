using System.Reflection;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Isolation;

/// <summary>
/// default(CallContext), default references and no capability, wherever a domain can pass them: an exception in the domain that
/// does it, which makes it that domain's fault.
/// </summary>
public sealed class DefaultTokenTests
{
    private static readonly Type[] Contracts =
        [.. typeof(IDomain).Assembly.GetExportedTypes().Where(type => type.IsDefined(typeof(DomainContractAttribute), inherit: false))];

    [Fact]
    public void Context_ThatIsNone_ThrowsInTheCallerOfEachMethodOfEachContract()
    {
        MethodInfo[] methods = [.. Contracts.SelectMany(contract => contract.GetMethods())];
        Action<object>[] calls = Compile(methods);
        for (int i = 0; i < calls.Length; i++)
        {
            var gate = new DomainGate(200, "callee", homeExecutorId: 0, isReentrant: false);

            // No callee: a call that came through would end at the exception barrier, and the gate would be dead.
            object proxy = RedLeafSharp.Contracts.ContractProxies.Create(methods[i].DeclaringType!, null!, gate);

            Assert.Throws<NullReferenceException>(() => calls[i](proxy));
            Assert.False(gate.IsDead, methods[i].ToString());
        }
    }

    [Fact]
    public void Reference_ThatIsNone_ThrowsInItsUser()
    {
        MethodInfo[] methods =
        [
            .. new[] { typeof(RRef<int>), typeof(RRefArray<int>), typeof(PageBuffer), typeof(KernelEvent) }
                .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CallContext))),
        ];
        Action<object>[] calls = Compile(methods);
        using var system = new Executors.TestSystem();
        var some = new KernelEvent(system.Group);
        for (int i = 0; i < calls.Length; i++)
        {
            Exception? thrown = Record.Exception(() => calls[i](some));

            Assert.True(
                thrown is NullReferenceException or OwnershipException or ArgumentException, $"{methods[i]}: {thrown?.GetType().Name ?? "nothing"}");
        }
    }

    private static Action<object>[] Compile(MethodInfo[] methods)
    {
        Assert.NotEmpty(methods);
        Assembly assembly = Assembly.Load(DomainCompiler.Compile(DefaultTokens.Source(methods)).Assembly);
        return [.. methods.Select((_, i) => assembly.GetType("Calls")!.GetMethod($"M{i}")!.CreateDelegate<Action<object>>())];
    }
}
