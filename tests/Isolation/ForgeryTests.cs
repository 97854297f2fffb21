using System.Reflection;
using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Isolation;

/// <summary>No member that a domain can see makes a reference, a context, a right or a fault out of nothing.</summary>
public sealed class ForgeryTests
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Type[] Visible =
        [.. new[] { typeof(CallContext), typeof(IDomain) }.SelectMany(type => type.Assembly.GetExportedTypes())];

    /// <summary>Names of types whose values prove something.</summary>
    private static readonly HashSet<Type> Tokens =
    [
        typeof(CallContext), typeof(RRef<>), typeof(RRefArray<>), typeof(PageBuffer), typeof(KernelEvent), typeof(PciFunction),
        typeof(MmioRegion), typeof(DeviceLoans), typeof(DomainServices), typeof(DomainLink<>), typeof(ProgramServices),
        typeof(OwnershipException), typeof(CallOrderException), typeof(ExchangeHeapFullException),
        .. Visible.Where(type => type.IsDefined(typeof(CapabilityAttribute), inherit: false)),
    ];

    public static TheoryData<string> TokenNames => [.. Tokens.Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(TokenNames))]
    public void Token_HasNoConstructorThatADomainCanCall(string name)
    {
        Type token = Visible.Single(type => type.FullName == name);

        Assert.True(token.IsSealed || token.IsValueType);
        Assert.DoesNotContain(token.GetConstructors(Everything), IsReachable);
    }

    [Theory]
    [MemberData(nameof(TokenNames))]
    public void Token_HasNoFieldThatADomainCanWrite(string name)
    {
        Type token = Visible.Single(type => type.FullName == name);

        Assert.DoesNotContain(
            token.GetFields(Everything), field => !field.IsLiteral && (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly));
        Assert.DoesNotContain(
            token.GetProperties(Everything), property => property.SetMethod is { } setter && IsReachable(setter));
    }

    [Fact]
    public void Member_ThatGivesAToken_TakesOneOrIsOneOfTheKernel()
    {
        string[] sources =
        [
            .. Visible.SelectMany(type => type.GetMethods(Everything))
                .Where(method => IsReachable(method) && method.IsStatic && Gives(method))
                .Where(method => !method.GetParameters().Any(parameter => !parameter.IsOut && IsToken(parameter.ParameterType)))
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}"),
            .. Visible.SelectMany(type => type.GetFields(Everything))
                .Where(field => field.IsPublic && field.IsStatic && IsToken(field.FieldType))
                .Select(field => $"{field.DeclaringType!.Name}.{field.Name}"),
        ];

        // Reply.Ok takes its value, of which a token is made by nobody else; the test's view is by declared types.
        Assert.Equal([], sources);
    }

    [Fact]
    public void Type_ThatImplementsAContract_IsNoneThatADomainCouldMake()
    {
        Assert.DoesNotContain(Visible, type => type.IsClass && type.GetInterfaces().Any(part =>
            part.IsDefined(typeof(DomainContractAttribute), inherit: false)));
        Assert.DoesNotContain(Visible, type => type.Name.EndsWith("Proxy", StringComparison.Ordinal));
    }

    [Fact]
    public void Fault_AsAnErrorOfItsOwn_CannotBeAnsweredByADomain()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Reply<int, Fault>.Fail(Fault.CalleeDead));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reply<int, Fault>.Fail(Fault.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reply<int, DomainError>.Fail((DomainError)(int)Fault.CalleeKilled));
        Assert.Throws<NotSupportedException>(() => Reply<int, ByteError>.Fail(ByteError.Large));
    }

    [Fact]
    public void Bytes_OfABlock_CannotBeReadAsAToken()
    {
        using var thread = new Support.TestThread();

        Assert.Throws<OwnershipException>(() => RRef<RRef<int>>.Allocate(thread.Context));
        Assert.Throws<OwnershipException>(() => RRef<Reply<int, DomainError>>.Allocate(thread.Context));
        Assert.Throws<OwnershipException>(() => RRefArray<PageBuffer>.Allocate(thread.Context, 1));
    }

    private static bool IsReachable(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool Gives(MethodInfo method) =>
        IsToken(method.ReturnType) || method.GetParameters().Any(parameter => parameter.IsOut && IsToken(parameter.ParameterType));

    private static bool IsToken(Type type)
    {
        Type bare = type.IsByRef ? type.GetElementType()! : type;
        return Tokens.Contains(bare.IsGenericType ? bare.GetGenericTypeDefinition() : bare);
    }

    private enum ByteError : byte
    {
        Large = 200,
    }
}
